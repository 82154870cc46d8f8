import path from 'node:path'
import { ContainerImageError, command, INDEX_FILE, LAYOUT_FILE } from '../../../manifests/index.js'
import { collectionWith } from '../../copy/collection-with.js'
import type { ImageCollection } from '../../copy/ports.js'
import { Hasher } from '../../io/hashing/hasher.js'
import { checkMedia } from '../media/check.js'
import type { MediaLists } from '../media/lists.js'
import type { MediaProblem } from '../media/problem.js'

/**
 * A media as a collection that was compared with its list: an index that is not the listed one is refused, as
 * it says which image a name means, and so is an invalid list; other files that are missing, changed or extra
 * are reported in notes. Blobs are checked when they are read.
 * @throws FILE_CHANGED, FILE_MISSING, INVALID_DOCUMENT
 */
export async function listedMedia(
  root: string,
  lists: MediaLists,
  collection: ImageCollection,
  signal?: AbortSignal,
): Promise<ImageCollection> {
  if (lists.refusal) throw lists.refusal
  const problems = await compared(root, lists, signal)
  const fatal = problems.find((problem) => problem.code !== 'FILE_EXTRA' && isOfLayout(problem.path))
  if (fatal) throw refused(root, fatal)
  const notes = notesOn(path.basename(root), problems)
  const before = collection.notes?.() ?? []
  return collectionWith(collection, { notes: () => [...before, ...notes] })
}

/** A lying list may name a hundred thousand files that are not there. */
const MOST_NOTES = 100

function notesOn(name: string, problems: readonly MediaProblem[]): string[] {
  const notes = problems.slice(0, MOST_NOTES).map(({ message }) => `${name}: ${message}`)
  const more = problems.length - notes.length
  return more > 0 ? [...notes, `${name}: ${more} more; ${command('verify')} lists them.`] : notes
}

/** A list of sums that disagrees is reported as such: the last save may not have finished. */
async function compared(
  root: string,
  { list, problems }: MediaLists,
  signal?: AbortSignal,
): Promise<MediaProblem[]> {
  const hasher = new Hasher(1)
  try {
    const reads = (file: { path: string }): boolean => isOfLayout(file.path)
    const lists = { problems, list }
    return await checkMedia(root, lists, { hasher, reads, signal })
  } finally {
    await hasher.close()
  }
}

function isOfLayout(file: string): boolean {
  return file === INDEX_FILE || file === LAYOUT_FILE
}

function refused(root: string, { code, path: name, expected, found, message }: MediaProblem): Error {
  return new ContainerImageError(code, `${root}: ${message}`, {
    side: 'source',
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found }),
    details: { path: name },
    remedy: `Run the save again if it was interrupted; else see what else differs with ${command('verify')}.`,
  })
}
