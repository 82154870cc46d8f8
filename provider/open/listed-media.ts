import path from 'node:path'
import { ContainerImageError, INDEX_FILE, LAYOUT_FILE, type MediaList } from '../../manifests/index.js'
import { Hasher } from '../hashing/hasher.js'
import { checkMedia, type MediaProblem } from '../media/check.js'
import { readMediaList } from '../media/media.js'
import type { ImageCollection } from '../ports.js'

/**
 * A media as a collection that was compared with its list: an index that is not the listed one is refused, as
 * it says which image a name means; other files that are missing, changed or besides are told in notes.
 * Blobs are checked when they are read.
 * @throws FILE_CHANGED, FILE_MISSING, INVALID_DOCUMENT
 */
export async function listedMedia(
  root: string,
  collection: ImageCollection,
  signal?: AbortSignal,
): Promise<ImageCollection> {
  const list = await readMediaList(root)
  if (!list) return collection
  const problems = await compared(root, list, signal)
  const fatal = problems.find((problem) => problem.code !== 'FILE_EXTRA' && isOfLayout(problem.path))
  if (fatal) throw refused(root, fatal)
  const notes = problems.map((problem) => `${path.basename(root)}: ${problem.message}`)
  return Object.assign(collection, { notes: () => notes })
}

async function compared(root: string, list: MediaList, signal?: AbortSignal): Promise<MediaProblem[]> {
  const hasher = new Hasher(1)
  try {
    const reads = (file: { path: string }): boolean => isOfLayout(file.path)
    return await checkMedia(root, list, { hasher, reads, ...(signal ? { signal } : {}) })
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
    remedy:
      'Run the save again if it was interrupted; else see what else differs with `containerimage verify`.',
  })
}
