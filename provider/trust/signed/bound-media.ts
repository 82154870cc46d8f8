import { BLOBS_FOLDER, type ListedFile } from '../../../manifests/index.js'
import type { ImageCollection } from '../../copy/ports.js'
import { checkMedia } from '../../formats/media/check.js'
import type { Hasher } from '../../io/hashing/hasher.js'
import { notAsSigned } from './refusals.js'

interface CheckOptions {
  hasher: Hasher
  signal?: AbortSignal | undefined
  /** The file that keeps others away from the media in the meantime: the process that holds it put it there. */
  lock?: string
}

/**
 * Compares a media with its signed list: nothing is missing, nothing is there that is not listed, and every file except
 * the blobs has its sum. A blob's name is its sum, which is checked when the blob is read.
 * @throws FILE_CHANGED, FILE_MISSING, FILE_EXTRA
 */
export async function checkSignedMedia(
  root: string,
  files: ListedFile[],
  { hasher, signal, lock }: CheckOptions,
): Promise<void> {
  const reads = ({ path }: ListedFile): boolean => !path.startsWith(`${BLOBS_FOLDER}/`)
  const lists = { list: { name: 'the signed list', files }, problems: [] }
  const problems = await checkMedia(root, lists, { hasher, reads, signal })
  const problem = problems.find(({ path }) => path !== lock)
  if (!problem) return
  const { code, path, expected = '', found = '' } = problem
  throw notAsSigned(root, path, code === 'FILE_EXTRA' || code === 'FILE_MISSING' ? code : 'FILE_CHANGED', {
    expected,
    found,
  })
}

/**
 * Checks that the documents by which a media was opened are those of its signed list, whatever was there when the list
 * was compared.
 * @throws FILE_CHANGED
 */
export function checkOpenedMedia(root: string, files: ListedFile[], { documents }: ImageCollection): void {
  if (!documents)
    throw notAsSigned(root, 'manifest.json', 'FILE_CHANGED', {
      expected: 'an OCI layout',
      found: 'images that its index does not name',
    })
  const sums = new Map(files.map(({ path, sha256 }) => [path, sha256]))
  for (const [name, sha256] of documents)
    if (sums.get(name) !== sha256)
      throw notAsSigned(root, name, 'FILE_CHANGED', {
        expected: `SHA-256 ${sums.get(name) ?? 'of no such file'}`,
        found: sha256,
      })
}
