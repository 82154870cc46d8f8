import { type Descriptor, hasCode, splitDigest } from '../../manifests/index.js'
import { wrongSum } from '../archives/members/wrong-sum.js'
import type { FileRange, SummedRange } from '../io/bytes.js'
import type { Hasher, HashOptions } from '../io/hashing/hasher.js'
import type { RangeJob } from '../io/hashing/range-job.js'
import { digestMismatch, sizeMismatch } from './verified.js'

export interface VerifiedRangeOptions extends HashOptions {
  /** Where the bytes are copied to in the same pass; nobody may use them before this has returned. */
  target?: RangeJob['target']
  label?: string
  /** The CRC-32 is wanted as well, from the same pass. */
  sumsCrc32?: boolean
}

/**
 * Does for a range of a file on this machine what `verified` does for a stream: checks that it has as many bytes as the
 * descriptor says, and its digest.
 * @returns their CRC-32, if requested
 * @throws SIZE_MISMATCH, DIGEST_MISMATCH, INVALID_DIGEST, INTERRUPTED and the errors of the system; ARCHIVE_INVALID if
 * they are wrong and an archive says that other bytes were put there
 */
export async function verifiedRange(
  hasher: Hasher,
  source: FileRange,
  descriptor: Descriptor,
  { target, label, sumsCrc32, ...options }: VerifiedRangeOptions = {},
): Promise<number | undefined> {
  if (source.size !== descriptor.size) throw sizeMismatch(descriptor, source.size, label)
  const { algorithm, hex } = splitDigest(descriptor.digest)
  const { member, ...plain } = source
  const job: RangeJob = { source: plain, algorithm }
  if (target) job.target = target
  if (sumsCrc32 || member?.isCompared) job.sections = [{ from: 0, size: source.size }]
  const found = await hasher.run(job, options).catch((error) => {
    throw hasCode(error, 'SIZE_MISMATCH') ? sizeMismatch(descriptor, bytesOf(error), label) : error
  })
  const [crc32] = found.crc32s ?? []
  if (member && crc32 !== undefined && crc32 !== member.crc32) throw wrongSum(source.path, member, crc32)
  if (found.hex !== hex && member && crc32 === undefined) await refuseDamaged(hasher, plain, member, options)
  if (found.hex !== hex) throw digestMismatch(descriptor, `${algorithm}:${found.hex}`, label)
  return sumsCrc32 ? crc32 : undefined
}

/** How many bytes the hasher found before the file ended. */
function bytesOf({ details }: { details?: Record<string, unknown> }): number {
  return Number(details?.bytes)
}

/**
 * Distinguishes what happened to an archive after it was made from wrong bytes that were put into it. Bytes are summed
 * only if they are wrong.
 * @throws ARCHIVE_INVALID
 */
async function refuseDamaged(
  hasher: Hasher,
  source: FileRange,
  member: SummedRange,
  { signal }: HashOptions,
): Promise<void> {
  const sections = [{ from: 0, size: source.size }]
  const { crc32s } = await hasher.run({ source, sections }, signal ? { signal } : {})
  const [sum = 0] = crc32s ?? []
  if (sum !== member.crc32) throw wrongSum(source.path, member, sum)
}
