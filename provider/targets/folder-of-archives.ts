import { stat } from 'node:fs/promises'
import path from 'node:path'
import { type ContainerImageError, hasCode, printable } from '../../manifests/index.js'
import { isLaterPart } from '../formats/open/is-wim-file.js'
import { isVolumeName } from '../formats/volumes/volume.js'
import type { Context } from '../session/context.js'
import { candidatesIn } from '../sources/folder/candidates.js'
import { nodeArchive } from '../tool/node-archive.js'

/** What to do with an archive in a folder that holds no image as far as we can tell. */
export type LeaveOut = (archive: string, error: ContainerImageError) => void

/**
 * Does something with each path or name in a request; a folder that holds archives stands for these, except
 * for Node's own, which is carried beside them. If none of them holds an image, the error is about the folder
 * itself.
 * @param use gets an archive instead of its folder, and is told so
 * @param leaveOut is called if `use` has thrown ARCHIVE_UNKNOWN for some of them; default: a note
 */
export async function forEachArchive(
  context: Context,
  words: readonly string[],
  use: (word: string, isInFolder: boolean) => Promise<void>,
  leaveOut: LeaveOut = (archive, { message }) =>
    context.note(`${printable(path.basename(archive))} is left out: ${printable(message)}`),
): Promise<void> {
  for (const word of words) {
    const archives = await archivesIn(word)
    const unknown = new Map<string, ContainerImageError>()
    for (const archive of archives)
      await use(archive, true).catch((error) => {
        if (!hasCode(error, 'ARCHIVE_UNKNOWN')) throw error
        unknown.set(archive, error)
      })
    if (unknown.size === archives.length) await use(word, false)
    else for (const [archive, error] of unknown) leaveOut(archive, error)
  }
}

/**
 * The archives and layouts in a folder that is not one itself. If there are only volumes, they are one set,
 * or do not belong together: the folder is opened as it is.
 */
async function archivesIn(word: string): Promise<string[]> {
  const folder = path.resolve(word)
  if (!(await isFolder(folder))) return []
  const found: string[] = []
  for (const candidate of await candidatesIn(folder))
    if (!isNode(candidate) && !(await isLaterPart(candidate))) found.push(candidate)
  const isAlone = found.length === 1 && (await isFolder(found[0] ?? ''))
  return isAlone || found.every((one) => isVolumeName(one)) ? [] : found
}

function isNode(file: string): boolean {
  try {
    nodeArchive(path.basename(file))
    return true
  } catch {
    return false
  }
}

async function isFolder(place: string): Promise<boolean> {
  return await stat(place).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
