import path from 'node:path'
import { ContainerImageError, LAYOUT_FILE, show } from '../../../manifests/index.js'
import { belowTop } from '../../archives/members/below.js'
import type { Members } from '../../archives/members/members.js'
import type { Around } from '../format.js'

/** If a folder was packed, or a path, its name comes before those of its content. */
export async function belowFolders(members: Members, around: Around): Promise<Members | undefined> {
  if (around !== 'archive' && around !== 'packed') return undefined
  const below = await belowTop(members, (name) => path.posix.basename(name).startsWith('._'))
  const names = new Set((await members.list()).map(({ name }) => name))
  return (await below.list()).some(({ name }) => !names.has(name)) ? below : undefined
}

/** Several archives, or one that is deeper than we look. */
export function archivesWithin(label: string, names: string[], around: Around): ContainerImageError {
  const some = names.slice(0, 5).map(show).join(', ')
  return new ContainerImageError('ARCHIVE_UNKNOWN', `${label} holds no image itself, but archives.`, {
    side: 'source',
    expected: 'an OCI layout, a docker archive, or a root filesystem',
    found: names.length > 5 ? `${some} and ${names.length - 5} more` : some,
    remedy:
      around === 'folder'
        ? 'Give the paths of these files; or the folder as the source, and the names of images.'
        : 'Unpack it, and give what was in it.',
  })
}

/** The folders of an archive that contain images or archives, if its top does not. */
export function foldersOfImages(names: readonly string[]): string[] {
  const isSign = (name: string): boolean => [LAYOUT_FILE, 'manifest.json'].includes(path.posix.basename(name))
  return [...new Set(names.filter(isSign).map((name) => path.posix.dirname(name)))].filter(
    (one) => one !== '.',
  )
}

/** Which of the folders is meant, and what else is there, only its owner can say. */
export function imagesBelow(label: string, folders: string[], around: Around): ContainerImageError {
  const some = folders.slice(0, 5).map((folder) => show(`${folder}/`))
  const where = `${some.join(', ')}${folders.length > some.length ? ', ...' : ''}`
  return new ContainerImageError(
    'ARCHIVE_UNKNOWN',
    `${label} holds no image itself, but below it: ${where}.`,
    {
      side: 'source',
      expected: 'an OCI layout or a docker archive at its top, or in the one folder that it has',
      found: `files of one in ${where}`,
      remedy: around === 'folder' ? 'Give that folder.' : 'Unpack it, and give that folder.',
    },
  )
}

/** An archive may hold one archive, and that one holds images. @throws ARCHIVE_UNKNOWN */
export function refuseNested(file: string): never {
  throw new ContainerImageError('ARCHIVE_UNKNOWN', `${file} is a zip or 7z within another.`, {
    side: 'source',
    expected: 'images, or one archive with images, within a zip or 7z',
    found: show(path.basename(file)),
    remedy: 'Unpack the outer one, and give what was in it.',
  })
}
