import { type Descriptor, hasCode, splitDigest } from '../../manifests/index.js'
import type { FileRange } from '../io/bytes.js'
import type { Hasher, HashOptions } from '../io/hashing/hasher.js'
import type { RangeJob } from '../io/hashing/range-job.js'
import { digestMismatch, sizeMismatch } from './verified.js'

export interface VerifiedRangeOptions extends HashOptions {
  /** Where the bytes are copied in the same pass; nobody may use them before this has returned. */
  target?: RangeJob['target']
  label?: string
}

/**
 * For a range of a file on this machine what `verified` is for a stream: as many bytes as the descriptor says,
 * and with its digest.
 * @throws SIZE_MISMATCH, DIGEST_MISMATCH, INVALID_DIGEST, INTERRUPTED and what the system refuses
 */
export async function verifiedRange(
  hasher: Hasher,
  source: FileRange,
  descriptor: Descriptor,
  { target, label, ...options }: VerifiedRangeOptions = {},
): Promise<void> {
  if (source.size !== descriptor.size) throw sizeMismatch(descriptor, source.size, label)
  const { algorithm, hex } = splitDigest(descriptor.digest)
  const job = { source, algorithm, target }
  const found = await hasher.run(job, options).catch((error) => {
    throw hasCode(error, 'SIZE_MISMATCH') ? sizeMismatch(descriptor, bytesOf(error), label) : error
  })
  if (found.hex !== hex) throw digestMismatch(descriptor, `${algorithm}:${found.hex}`, label)
}

/** How many bytes the hasher found before the file ended. */
function bytesOf({ details }: { details?: Record<string, unknown> }): number {
  return Number(details?.bytes)
}
