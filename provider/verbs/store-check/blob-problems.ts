import { lstat, readlink } from 'node:fs/promises'
import { type Descriptor, type Digest, printable } from '../../../manifests/index.js'
import type { Context } from '../../session/context.js'
import type { Places } from '../../store/places.js'
import type { Store } from '../../store/store.js'
import { calledOf, type NeededBlob } from './needed.js'
import type { StoreProblem } from './request.js'

type BlobProblem = StoreProblem & Required<Pick<StoreProblem, 'digest' | 'size'>>

/**
 * What is wrong with the blobs of a store, all of which have been read.
 * @param needed what images need
 * @param there everything whose name is a digest, needed or not
 */
export async function blobProblems(
  { hasher, options: { signal } }: Context,
  { places, checked }: Store,
  needed: ReadonlyMap<Digest, NeededBlob>,
  there: readonly Descriptor[],
): Promise<BlobProblem[]> {
  const unneeded = there
    .filter(({ digest }) => !needed.has(digest))
    .map((descriptor) => ({ descriptor, by: [] }))
  const problems: BlobProblem[] = []
  for (const { descriptor, by } of [...needed.values(), ...unneeded]) {
    // Blobs that arrived in the meantime have not been read.
    if (await checked.has(descriptor, hasher, signal)) continue
    const neededBy = [...new Set([...by].map(calledOf))].sort()
    problems.push({ ...(await wrongBlob(places, descriptor)), neededBy, from: [], repaired: false })
  }
  return problems.sort((a, b) => b.neededBy.length - a.neededBy.length || (a.path < b.path ? -1 : 1))
}

async function wrongBlob(places: Places, { digest, size }: Descriptor) {
  const path = places.blob(digest)
  const about = { path, digest, size }
  const stats = await lstat(path).catch(() => undefined)
  if (!stats)
    return {
      ...about,
      code: 'BLOB_MISSING',
      expected: `${size} bytes`,
      found: 'nothing',
      message: `Blob ${digest} is missing.`,
    }
  if (!stats.isFile())
    return {
      ...about,
      code: 'NOT_A_FILE',
      expected: 'a file',
      found: await whatLiesAt(path, stats),
      message: `Blob ${digest} is not a file.`,
    }
  if (stats.size !== size)
    return {
      ...about,
      code: 'SIZE_MISMATCH',
      expected: `${size} bytes`,
      found: `${stats.size} bytes`,
      message: `Blob ${digest} ${stats.size < size ? 'is cut short' : 'is too long'}.`,
    }
  return {
    ...about,
    code: 'DIGEST_MISMATCH',
    expected: 'the bytes of that digest',
    found: 'other bytes',
    message: `Blob ${digest} was altered.`,
  }
}

async function whatLiesAt(file: string, stats: Awaited<ReturnType<typeof lstat>>): Promise<string> {
  if (stats.isDirectory()) return 'a folder'
  if (stats.isSymbolicLink()) return `a link to ${printable(await readlink(file).catch(() => 'somewhere'))}`
  return stats.isFIFO() ? 'a named pipe' : 'a device or a socket'
}
