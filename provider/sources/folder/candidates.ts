import type { Dirent } from 'node:fs'
import { lstat, stat } from 'node:fs/promises'
import path from 'node:path'
import {
  beginsAsDockerList,
  ContainerImageError,
  hasCode,
  LAYOUT_FILE,
  printable,
} from '../../../manifests/index.js'
import { isReadableName } from '../../archives/endings.js'
import { readHead } from '../../archives/members/compression.js'
import { isVolumeName, readVolume } from '../../formats/volumes/volume.js'
import { FolderFromOutside } from '../../io/files/inside-folder.js'
import { listFolder } from '../../io/files/list-folder.js'

/** A folder that holds more files than this is not a folder of archives. */
const MOST_FILES = 10_000

/**
 * What may hold images in a folder: the folder itself if it is a layout, otherwise every archive and layout
 * in it, and the first volume of a set. For a file, the file itself.
 * @param notes what was skipped, and why
 */
export async function candidatesIn(folder: string, notes: string[] = []): Promise<string[]> {
  if (await isFile(folder)) return [folder]
  if (await holdsImages(folder)) return [folder]
  const inOrder = await listFolder(folder, 'source', MOST_FILES).catch((error) => {
    throw hasCode(error, 'ARCHIVE_INVALID') ? tooMany(folder) : error
  })
  const files = inOrder.filter((entry) => entry.isFile() && isReadableName(entry.name))
  const layouts: string[] = []
  for (const entry of inOrder.filter((one) => one.isDirectory()))
    if (await holdsImages(path.join(folder, entry.name))) layouts.push(path.join(folder, entry.name))
  notes.push(...(await passedOver(folder, inOrder)))
  const archives = await oneOfEachSet(files.map((entry) => path.join(folder, entry.name)))
  return [...archives, ...layouts]
}

/** One archive is a source as well. */
async function isFile(place: string): Promise<boolean> {
  return await stat(place).then(
    (found) => found.isFile(),
    () => false,
  )
}

function tooMany(folder: string): ContainerImageError {
  return new ContainerImageError('SOURCE_INVALID', `${folder} holds too many files.`, {
    expected: `at most ${MOST_FILES}`,
    found: 'more',
  })
}

/**
 * Something with the name of an archive that cannot be one; a link to a file beside it is not worth a note.
 */
async function passedOver(folder: string, entries: Dirent[]): Promise<string[]> {
  const outside = new FolderFromOutside(folder)
  const notes: string[] = []
  for (const entry of entries) {
    if (entry.isFile() || entry.isDirectory() || !isReadableName(entry.name)) continue
    const found = await outside.find(entry.name)
    if (found && 'what' in found) notes.push(`${printable(entry.name)} is left out: it is ${found.what}.`)
  }
  return notes
}

/** The volumes of a set are one archive; the first that is there stands for it. */
async function oneOfEachSet(files: string[]): Promise<string[]> {
  const seen = new Set<string>()
  const kept: string[] = []
  for (const file of files) {
    const volume = isVolumeName(file) ? await readVolume(file).catch(() => undefined) : undefined
    if (volume && seen.has(volume.list.set)) continue
    if (volume) seen.add(volume.list.set)
    kept.push(file)
  }
  return kept
}

/** A layout; or a docker archive or skopeo's `dir:` as a folder, which need more than a file of that name. */
async function holdsImages(folder: string): Promise<boolean> {
  const has = (name: string): Promise<boolean> =>
    lstat(path.join(folder, name)).then(
      () => true,
      () => false,
    )
  if (await has(LAYOUT_FILE)) return true
  const list = path.join(folder, 'manifest.json')
  if (!(await isFile(list))) return false
  return (await has('version')) || beginsAsDockerList(await readHead(list, 64).catch(() => new Uint8Array(0)))
}
