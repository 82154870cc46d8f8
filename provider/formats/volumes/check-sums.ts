import { hasCode, VOLUME_SUM_FILE } from '../../../manifests/index.js'
import { tarMembers } from '../../archives/members/tar.js'
import { BLOCK } from '../../archives/members/tar-header.js'
import { inParallel } from '../../copy/in-parallel.js'
import { openToRead } from '../../io/files/read-document.js'
import type { Hasher, HashOptions } from '../../io/hashing/hasher.js'
import { SUM_BYTES } from './plan.js'
import type { VolumeProblem, VolumeSet } from './volume-set.js'

export interface CheckOptions {
  hasher: Hasher
  signal?: AbortSignal
  onBytes?: (file: string, count: number) => void
}

/**
 * Reads volumes completely and compares each with its own sum.
 * @param numbers which of them; default: all that are here
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
    const told = (count: number): void => onBytes?.(file, count)
    const damage = await damageOf(file, hasher, { onBytes: told, signal: stop })
    if (damage) problems.push({ code: 'VOLUME_DAMAGED', path: file, number, ...damage })
  })
  return problems
}

/** @returns undefined if the sum is that of all bytes before it */
async function damageOf(
  file: string,
  hasher: Hasher,
  options: HashOptions,
): Promise<Pick<VolumeProblem, 'expected' | 'found'> | undefined> {
  const sum = await readSum(file)
  if (!sum) return { expected: 'a sum at its end', found: 'none' }
  const source = { path: file, offset: 0, size: sum.at }
  try {
    const { hex } = await hasher.run({ source, algorithm: 'sha256' }, options)
    return hex === sum.hex ? undefined : { expected: `SHA-256 ${sum.hex}`, found: hex }
  } catch (error) {
    // It was cut short after its sum was read.
    if (!hasCode(error, 'SIZE_MISMATCH')) throw error
    return { expected: `${error.expected}`, found: `${error.found}` }
  }
}

/** The sum that a volume states for itself, and how many bytes it covers. */
async function readSum(file: string): Promise<{ hex: string; at: number } | undefined> {
  const members = await tarMembers(file).catch(() => undefined)
  const range = await members?.locate(VOLUME_SUM_FILE).catch(() => undefined)
  await members?.close()
  if (!range) return undefined
  const handle = await openToRead(file)
  try {
    const bytes = Buffer.alloc(SUM_BYTES)
    await handle.read(bytes, 0, SUM_BYTES, range.offset)
    return { hex: bytes.toString('latin1').trim(), at: range.offset - BLOCK }
  } finally {
    await handle.close()
  }
}
