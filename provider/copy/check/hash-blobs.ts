import { type Descriptor, type Digest, hasCode, shortDigest } from '../../../manifests/index.js'
import { type CheckLayerOptions, checkLayerBytes, checkLayerFile } from '../../archives/layers/check-layer.js'
import type { Bytes, FileRange } from '../../io/bytes.js'
import { fromSystem } from '../../io/files/system-errors.js'
import type { Hasher } from '../../io/hashing/hasher.js'
import type { OnProgress } from '../../io/progress.js'
import type { ExpectedLayer } from '../expected-layer.js'
import { inParallel } from '../in-parallel.js'
import { verified } from '../verified.js'
import { verifiedRange } from '../verified-range.js'
import { problemOf } from './problems.js'
import type { VerifyProblem } from './verify-result.js'

/** One blob to read from its first byte to its last. */
export interface BlobToCheck {
  descriptor: Descriptor
  /** For messages. */
  path: string
  /** Where it is uncompressed on this machine; then it is hashed there, on another thread. */
  range?: FileRange
  /** For a layer: what its tar has to be; then that is checked as well. */
  layer?: ExpectedLayer | undefined
  read(signal: AbortSignal): Bytes
}

export interface HashOptions {
  hasher: Hasher
  /** How many at once; 1 for sources that can only be read forward. */
  concurrency: number
  signal?: AbortSignal
  onProgress?: OnProgress
  /** Called for each good layer with the total size of the files in it, in bytes, and with what it was expected to be. */
  onLayer?: (digest: Digest, bytes: number, expected: ExpectedLayer) => void
}

/** Reads every blob, and lists those whose bytes are not the ones that their digest names, and bad layers. */
export async function hashBlobs(blobs: BlobToCheck[], options: HashOptions): Promise<VerifyProblem[]> {
  const problems: VerifyProblem[] = []
  await inParallel(blobs, options.concurrency, options.signal, async (blob, signal) => {
    const { digest: id, size } = blob.descriptor
    options.onProgress?.({ type: 'blob', id, label: shortDigest(id), size })
    const onBytes = (count: number): void =>
      options.onProgress?.({ type: 'bytes', id, count, kind: 'verified' })
    try {
      const bytes = await check(blob, options.hasher, signal, onBytes)
      if (bytes !== undefined && blob.layer) options.onLayer?.(id, bytes, blob.layer)
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
): Promise<number | undefined> {
  const { descriptor, range, layer } = blob
  const { digest } = descriptor
  const asLayer = layer && { ...layer, digest, label: `Layer ${digest}`, signal }
  if (!range) return await readOnce(verified(blob.read(signal), descriptor, { signal }), asLayer, onBytes)
  // Both read at once, so that the disk gives its bytes a single time.
  const looks = asLayer && checkLayerFile(range, asLayer)
  const verdict = looks?.then(
    (bytes) => ({ bytes }),
    (error) => ({ error }),
  )
  // Wrong bytes explain whatever is wrong in their content.
  await verifiedRange(hasher, range, descriptor, { signal, onBytes }).finally(() => verdict)
  const found = await verdict
  if (found && 'error' in found) throw found.error
  return found?.bytes
}

/** A blob that cannot be read in place is read once, both for its digest and for its content. */
async function readOnce(
  bytes: Bytes,
  asLayer: CheckLayerOptions | undefined,
  onBytes: (count: number) => void,
): Promise<number | undefined> {
  async function* told(): Bytes {
    for await (const chunk of bytes) {
      onBytes(chunk.length)
      yield chunk
    }
  }
  if (asLayer) return await checkLayerBytes(told(), asLayer)
  for await (const _ of told());
  return undefined
}
