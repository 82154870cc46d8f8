import type { Descriptor, Digest } from '../../manifests/index.js'
import type { ImageSource } from './ports.js'
import { readVerified } from './read-verified.js'

/** A larger document is read again: it is rare, and memory is more precious than opening a file twice. */
const SMALL_BYTES = 64 * 1024

/** All that is kept of one source. */
const MOST_BYTES = 32 * 1024 * 1024

interface Kept {
  documents: Map<Digest, Uint8Array>
  bytes: number
}

const keptOf = new WeakMap<ImageSource, Kept>()

/**
 * A document, complete and verified, that several steps need from one source: choosing an image, finding what
 * goes with it, planning its copy. Otherwise each of a thousand images would be opened four times.
 * @throws as `readVerified`
 */
export async function readOnce(
  source: ImageSource,
  descriptor: Descriptor,
  limit: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const kept = keptOf.get(source) ?? { documents: new Map(), bytes: 0 }
  const known = kept.documents.get(descriptor.digest)
  if (known?.length === descriptor.size) return known
  const bytes = await readVerified(source, descriptor, limit, signal)
  if (bytes.length > SMALL_BYTES || kept.bytes + bytes.length > MOST_BYTES) return bytes
  kept.documents.set(descriptor.digest, bytes)
  kept.bytes += bytes.length
  keptOf.set(source, kept)
  return bytes
}
