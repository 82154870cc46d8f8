import { stat } from 'node:fs/promises'
import { inWords } from '../files/system-errors.js'
import type { Hasher } from './hasher.js'

/**
 * Whether a file is already at its destination with the same bytes: then nothing has to be copied or
 * overwritten.
 * @returns its size in bytes and its SHA-256 in hex; undefined if it is not
 * @throws PATH_NOT_FOUND if there is nothing to copy
 */
export async function sameFile(
  hasher: Hasher,
  from: string,
  to: string,
  options: { signal?: AbortSignal } = {},
): Promise<{ size: number; sha256: string } | undefined> {
  const { size } = await inWords(`Opening ${from}`, 'source', () => stat(from))
  const there = await stat(to).catch(() => undefined)
  if (!there?.isFile() || there.size !== size) return undefined
  const hash = async (path: string): Promise<string> =>
    (await hasher.run({ source: { path, offset: 0, size }, algorithm: 'sha256' }, options)).hex
  const [sha256, found] = await Promise.all([hash(from), hash(to)])
  return sha256 === found ? { size, sha256 } : undefined
}
