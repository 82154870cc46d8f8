import type { BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { ListedFile } from '../../../manifests/index.js'
import { inWords } from '../../io/files/system-errors.js'
import type { Hasher } from '../../io/hashing/hasher.js'
import { notAsSigned } from './refusals.js'

/** Files that had the sums in a signed list when they were read. */
export interface CheckedFiles {
  /** The SHA-256 of each file in hex, by its path. */
  sums: ReadonlyMap<string, string>
  /**
   * @param used everything that has been read so far
   * @throws FILE_CHANGED if one of them has been replaced or changed since, FILE_EXTRA if something else was read
   */
  checkUsed(used: Iterable<string>): Promise<void>
}

/**
 * Reads files and compares them with a signed list; for files that contain no digests.
 * @throws FILE_CHANGED, FILE_EXTRA
 */
export async function checkSignedFiles(
  files: readonly string[],
  listed: readonly ListedFile[],
  { hasher, signal }: { hasher: Hasher; signal?: AbortSignal | undefined },
): Promise<CheckedFiles> {
  const sums = new Map(listed.map(({ path: name, sha256 }) => [name, sha256]))
  const marks = new Map<string, string>()
  const compared = new Map<string, string>()
  for (const file of files) {
    const name = path.basename(file)
    const sha256 = sums.get(name)
    if (sha256 === undefined) throw notListed(file, sums)
    const { size, mark } = await markOf(file)
    marks.set(file, mark)
    const { hex } = await hasher.run(
      { source: { path: file, offset: 0, size }, algorithm: 'sha256' },
      { signal },
    )
    if (hex !== sha256)
      throw notAsSigned(file, name, 'FILE_CHANGED', { expected: `SHA-256 ${sha256}`, found: hex })
    compared.set(file, sha256)
  }
  return {
    sums: compared,
    async checkUsed(used) {
      for (const file of used) if (!marks.has(file)) throw notListed(file, sums)
      for (const [file, mark] of marks)
        if ((await markOf(file)).mark !== mark)
          throw notAsSigned(file, path.basename(file), 'FILE_CHANGED', {
            expected: 'the file that was compared',
            found: 'one that was changed since',
          })
    },
  }
}

/**
 * A file that has been renamed may be taken for another image.
 * @throws FILE_EXTRA
 */
export function checkNamed(file: string, listed: readonly ListedFile[]): void {
  const sums = new Map(listed.map(({ path: name, sha256 }) => [name, sha256]))
  if (!sums.has(path.basename(file))) throw notListed(file, sums)
}

function notListed(file: string, sums: ReadonlyMap<string, string>): Error {
  const name = path.basename(file)
  return notAsSigned(file, name, 'FILE_EXTRA', { expected: [...sums.keys()].join(', '), found: name })
}

/** What changes when somebody writes to a file, or replaces it. */
async function markOf(file: string): Promise<{ size: number; mark: string }> {
  const { dev, ino, size, mtimeNs, ctimeNs }: BigIntStats = await inWords(`Opening ${file}`, 'source', () =>
    stat(file, { bigint: true }),
  )
  return { size: Number(size), mark: [dev, ino, size, mtimeNs, ctimeNs].join(' ') }
}
