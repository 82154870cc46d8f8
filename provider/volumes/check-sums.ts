import { open } from 'node:fs/promises'
import { VOLUME_SUM_FILE } from '../../manifests/index.js'
import { inParallel } from '../copy/in-parallel.js'
import type { Hasher } from '../hashing/hasher.js'
import { tarMembers } from '../members/tar.js'
import { BLOCK } from '../members/tar-header.js'
import { SUM_BYTES } from './plan.js'
import type { VolumeProblem, VolumeSet } from './volume-set.js'

export interface CheckOptions {
  hasher: Hasher
  signal?: AbortSignal
  onBytes?: (file: string, count: number) => void
}

/**
 * Reads volumes whole and compares each with its own sum.
 * @param numbers which of them; all that are here where left out
 */
export async function checkSums(
  set: VolumeSet,
  { hasher, signal, onBytes }: CheckOptions,
  numbers: number[] = [...set.volumes.keys()],
): Promise<VolumeProblem[]> {
  const problems: VolumeProblem[] = []
  await inParallel(numbers, 4, signal, async (number, stop) => {
    const file = set.volumes.get(number)
    if (file === undefined) return
    const sum = await readSum(file)
    const source = { path: file, offset: 0, size: sum.at }
    const told = (count: number): void => onBytes?.(file, count)
    const { hex } = await hasher.run(
      { source, algorithm: 'sha256' },
      { onBytes: told, ...(stop ? { signal: stop } : {}) },
    )
    if (hex !== sum.hex)
      problems.push({
        code: 'VOLUME_DAMAGED',
        path: file,
        number,
        expected: `SHA-256 ${sum.hex}`,
        found: hex,
      })
  })
  return problems
}

/** What a volume says of itself, and how many bytes that is about. */
async function readSum(file: string): Promise<{ hex: string; at: number }> {
  const members = await tarMembers(file).catch(() => undefined)
  const range = await members?.locate(VOLUME_SUM_FILE).catch(() => undefined)
  await members?.close()
  if (!range) return { hex: 'none', at: 0 }
  const handle = await open(file, 'r')
  try {
    const bytes = Buffer.alloc(SUM_BYTES)
    await handle.read(bytes, 0, SUM_BYTES, range.offset)
    return { hex: bytes.toString('latin1').trim(), at: range.offset - BLOCK }
  } finally {
    await handle.close()
  }
}
