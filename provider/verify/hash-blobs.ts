import { type Descriptor, hasCode, shortDigest, splitDigest } from '../../manifests/index.js'
import { inParallel } from '../copy/in-parallel.js'
import { fromSystem } from '../files/system-errors.js'
import type { Hasher } from '../hashing/hasher.js'
import type { Bytes, FileRange, OnProgress } from '../ports.js'
import type { VerifyProblem } from '../requests.js'
import { digestMismatch, sizeMismatch, verified } from '../verified/verified.js'
import { problemOf } from './problems.js'

/** One blob to read from its first byte to its last. */
export interface BlobToCheck {
  descriptor: Descriptor
  /** For messages. */
  path: string
  /** Where it lies plain on this machine; then it is hashed there, on another thread. */
  range?: FileRange
  read(signal: AbortSignal): Bytes
}

export interface HashOptions {
  hasher: Hasher
  /** Side by side; 1 for what can only be read forward. */
  concurrency: number
  signal?: AbortSignal
  onProgress?: OnProgress
}

/** Reads every blob and lists those whose bytes are not the ones that their digest names. */
export async function hashBlobs(blobs: BlobToCheck[], options: HashOptions): Promise<VerifyProblem[]> {
  const problems: VerifyProblem[] = []
  await inParallel(blobs, options.concurrency, options.signal, async (blob, signal) => {
    const { digest: id, size } = blob.descriptor
    options.onProgress?.({ type: 'blob', id, label: shortDigest(id), size })
    const onBytes = (count: number): void =>
      options.onProgress?.({ type: 'bytes', id, count, kind: 'verified' })
    try {
      await check(blob, options.hasher, signal, onBytes)
    } catch (error) {
      if (hasCode(error, 'INTERRUPTED')) throw error
      problems.push(problemOf(fromSystem(error, `Reading ${blob.path}`, 'source'), blob))
    }
    options.onProgress?.({ type: 'blob-end', id })
  })
  return problems.sort((a, b) => (a.path ?? '').localeCompare(b.path ?? ''))
}

async function check(
  blob: BlobToCheck,
  hasher: Hasher,
  signal: AbortSignal,
  onBytes: (count: number) => void,
): Promise<void> {
  const { descriptor, range } = blob
  if (!range) {
    for await (const chunk of verified(blob.read(signal), descriptor, { signal })) onBytes(chunk.length)
    return
  }
  const { algorithm, hex } = splitDigest(descriptor.digest)
  if (range.size !== descriptor.size) throw sizeMismatch(descriptor, range.size)
  const result = await hasher.run({ source: range, algorithm }, { signal, onBytes })
  if (result.bytes !== range.size) throw sizeMismatch(descriptor, result.bytes)
  if (result.hex !== hex) throw digestMismatch(descriptor, `${algorithm}:${result.hex}`)
}
