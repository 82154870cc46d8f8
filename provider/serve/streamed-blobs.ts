import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Descriptor, Digest } from '../../manifests/index.js'
import type { ImageCollection } from '../copy/ports.js'
import { sizeMismatch, verified } from '../copy/verified.js'
import type { Bytes } from '../io/bytes.js'
import type { Exchange } from './answer.js'
import type { ByteRange } from './byte-range.js'
import { ClientGone } from './transfer.js'

/**
 * Blobs that are not stored plain in a file. Each is checked on its way, every time, as the archive may have
 * changed; the last piece is sent once the digest is known to be right.
 */
export class StreamedBlobs {
  /** Blobs of a collection that were read to their end, for requests of a part. */
  private readonly checked = new WeakMap<ImageCollection, Map<Digest, Promise<void>>>()

  constructor(private readonly signal: AbortSignal) {}

  /** Reads a blob to its end, once for a collection. @throws DIGEST_MISMATCH and what reading throws */
  async verify(collection: ImageCollection, descriptor: Descriptor): Promise<void> {
    const known = this.checked.get(collection) ?? new Map<Digest, Promise<void>>()
    this.checked.set(collection, known)
    const reading = known.get(descriptor.digest) ?? readToTheEnd(this.verifiedBytes(collection, descriptor))
    known.set(descriptor.digest, reading)
    try {
      await reading
    } catch (error) {
      known.delete(descriptor.digest)
      throw error
    }
  }

  /** Sends part of a blob, or all of it; the headers have been written. @throws as verify, and ClientGone */
  async send(
    collection: ImageCollection,
    descriptor: Descriptor,
    { start, end }: ByteRange,
    exchange: Exchange,
  ): Promise<void> {
    const isWhole = start === 0 && end === descriptor.size
    const { signal } = this
    const bytes = isWhole
      ? this.verifiedBytes(collection, descriptor)
      : collection.read(descriptor, { from: start, signal })
    let held: Buffer | undefined
    let left = end - start
    for await (const chunk of bytes) {
      if (held) await this.write(exchange, held)
      // A copy: the chunk is the source's, and the last one stays until the digest is known.
      held = Buffer.from(chunk.subarray(0, left))
      left -= held.length
      if (left === 0 && !isWhole) break
    }
    if (left > 0) throw sizeMismatch(descriptor, descriptor.size - left, collection.label)
    if (held) await this.write(exchange, held)
    exchange.response.end()
  }

  private verifiedBytes(collection: ImageCollection, descriptor: Descriptor): Bytes {
    const { signal } = this
    return verified(collection.read(descriptor, { signal }), descriptor, { signal, label: collection.label })
  }

  private async write(exchange: Exchange, bytes: Buffer): Promise<void> {
    const { response } = exchange
    if (response.destroyed) throw gone()
    const goesOn = response.write(bytes)
    exchange.sent += bytes.length
    if (!goesOn) await drained(response)
  }
}

async function drained(response: ServerResponse): Promise<void> {
  const over = new AbortController()
  const closed = once(response, 'close', { signal: over.signal }).then(() => {
    throw gone()
  })
  try {
    await Promise.race([once(response, 'drain', { signal: over.signal }), closed])
  } finally {
    over.abort()
    closed.catch(() => {})
  }
}

async function readToTheEnd(bytes: Bytes): Promise<void> {
  for await (const _ of bytes);
}

function gone(): ClientGone {
  return new ClientGone('The client closed the connection.')
}
