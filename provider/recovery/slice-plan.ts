import { ContainerImageError } from '../../manifests/index.js'
import { sizeInWords } from '../io/files/sizes.js'
import { slicesOf } from './file-packets.js'
import { align } from './kernel/kernel.js'
import { LIMITS } from './limits.js'

/** As many as other programs make: a damaged place costs little, and the work stays practical. */
const USUAL_SLICES = 2000
/** From here on slices begin where the blocks of disks do. */
const BLOCK_BYTES = 4096
const LARGE_SLICE = 16 * BLOCK_BYTES

export interface SlicePlan {
  sliceSize: number
  slices: number
  recoverySlices: number
}

/**
 * How large slices are and how many there are. Each file begins with a slice of its own.
 * @param redundancy recovery slices for each slice, such as 0.1
 * @throws CANNOT_MAKE where PAR 2.0 has no such set
 */
export function planSlices(sizes: number[], redundancy: number, given?: number): SlicePlan {
  if (!(redundancy > 0 && redundancy <= 1))
    throw cannot('The redundancy of recovery files is out of range.', 'more than 0, at most 1', redundancy)
  const sliceSize = given ?? usualSize(sizes)
  if (
    !Number.isSafeInteger(sliceSize) ||
    sliceSize <= 0 ||
    sliceSize % 4 !== 0 ||
    sliceSize > LIMITS.sliceBytes
  )
    throw cannot('The size of a slice is not one that PAR 2.0 has.', 'a multiple of 4', sliceSize)
  const slices = count(sizes, sliceSize)
  if (slices > LIMITS.slices)
    throw cannot('There are more slices than PAR 2.0 can have.', `at most ${LIMITS.slices}`, slices)
  return { sliceSize, slices, recoverySlices: Math.ceil(slices * redundancy) }
}

/**
 * The smallest size that gives no more than the usual number, or two a file. Below a block of the disk the
 * checksums would take more room than the recovery slices.
 */
function usualSize(sizes: number[]): number {
  const files = sizes.filter((size) => size > 0).length
  const most = Math.min(LIMITS.slices, Math.max(USUAL_SLICES, 2 * files))
  if (files > most) return 4
  let high = sizes.reduce((largest, size) => Math.max(largest, Math.ceil(size / 4)), 1)
  let low = Math.min(BLOCK_BYTES / 4, high)
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (count(sizes, middle * 4) <= most) high = middle
    else low = middle + 1
  }
  return low * 4 < LARGE_SLICE ? low * 4 : align(low * 4, BLOCK_BYTES)
}

function count(sizes: number[], sliceSize: number): number {
  return sizes.reduce((sum, size) => sum + slicesOf(size, sliceSize), 0)
}

export interface Volume {
  name: string
  first: number
  count: number
}

/**
 * Which recovery slices go into which file: one, two, four and so on, so that whoever has to fetch some more
 * finds a file of about the size that is needed; fewer where a file may not be as large.
 * @throws CANNOT_MAKE where not even one slice fits a file
 */
export function planVolumes(
  base: string,
  recoverySlices: number,
  sizes: { critical: number; recoveryPacket: number; limit?: number },
): Volume[] {
  const { critical, recoveryPacket, limit } = sizes
  const most =
    limit === undefined ? Number.POSITIVE_INFINITY : Math.floor((limit - critical) / recoveryPacket)
  if (most < 1)
    throw new ContainerImageError(
      'CANNOT_MAKE',
      'A recovery file with one slice is larger than files may be.',
      {
        side: 'destination',
        expected: `at most ${sizeInWords(limit ?? 0)}`,
        found: sizeInWords(critical + recoveryPacket),
        remedy: 'Choose smaller slices, or allow larger files.',
      },
    )
  const ranges: { first: number; count: number }[] = []
  for (let first = 0, size = 1; first < recoverySlices; size *= 2) {
    const count = Math.min(size, most, recoverySlices - first)
    ranges.push({ first, count })
    first += count
  }
  const firstDigits = Math.max(2, String(ranges.at(-1)?.first ?? 0).length)
  const countDigits = Math.max(2, String(Math.max(0, ...ranges.map(({ count }) => count))).length)
  return ranges.map(({ first, count }) => {
    const numbers = `${String(first).padStart(firstDigits, '0')}+${String(count).padStart(countDigits, '0')}`
    return { name: `${base}.vol${numbers}.par2`, first, count }
  })
}

function cannot(message: string, expected: string, found: number): ContainerImageError {
  return new ContainerImageError('CANNOT_MAKE', message, {
    expected,
    found,
    remedy: 'Choose other sizes, or put many small files into one archive first.',
  })
}
