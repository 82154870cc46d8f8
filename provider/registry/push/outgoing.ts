import { impossible } from '../../../manifests/index.js'
import type { Content } from '../../copy/ports.js'
import { verified } from '../../copy/verified.js'
import type { Bytes } from '../../io/bytes.js'
import { readRange } from '../../io/files/read-range.js'

/** In bytes. A socket that takes less than this may still hold it after it has asked for more (Node's high-water mark). */
const HELD_BY_SOCKETS = 64 * 1024

/** All bytes of a blob, from where they are, through the verifying stream. */
export function verifiedContent({ descriptor, range, open, signal }: Content): Bytes {
  const options = { signal }
  return verified(range ? readRange(range, options) : open(0), descriptor, options)
}

/**
 * The bytes of a blob on their way out, verified: the last of them leave only when all of them have the blob's
 * digest, so that a registry never has enough to make a blob of wrong ones. They may be asked for piece by piece; a
 * piece that is not the next one is found by reading from the beginning again.
 */
export class Outgoing {
  /** What the source threw, or the verifying stream. Not worth a retry. */
  failure: unknown
  private bytes: AsyncIterator<Uint8Array> | undefined
  private rest: Uint8Array = new Uint8Array(0)
  private position = 0
  private furthest = 0

  constructor(readonly content: Content) {}

  /** Makes the body of a request; may be called again if the request has to be sent again. */
  piece(from: number, length: number): () => Bytes {
    return () => this.send(from, length)
  }

  async close(): Promise<void> {
    const bytes = this.bytes
    this.bytes = undefined
    this.rest = new Uint8Array(0)
    await bytes?.return?.()
  }

  private async *send(from: number, length: number): Bytes {
    let left = length
    try {
      if (!this.bytes || this.position !== from) await this.moveTo(from)
      while (left > 0) {
        const chunk = await this.take(left)
        left -= chunk.length
        this.count()
        yield chunk.length < HELD_BY_SOCKETS ? Buffer.from(chunk) : chunk
      }
    } catch (error) {
      this.failure ??= error
      throw error
    } finally {
      // The request broke off: how much of it has arrived is not known here.
      if (left > 0) await this.close()
    }
  }

  private async moveTo(position: number): Promise<void> {
    await this.close()
    this.bytes = verifiedContent(this.content)[Symbol.asyncIterator]()
    this.position = 0
    while (this.position < position) await this.take(position - this.position)
  }

  /** The next bytes, up to this many; some are left. */
  private async take(most: number): Promise<Uint8Array> {
    if (this.rest.length === 0) this.rest = await this.next()
    const chunk = this.rest.subarray(0, most)
    this.rest = this.rest.subarray(chunk.length)
    this.position += chunk.length
    return chunk
  }

  private async next(): Promise<Uint8Array> {
    const { size } = this.content.descriptor
    for (;;) {
      const next = await this.bytes?.next()
      // The verifying stream fails if fewer bytes come than were announced.
      if (!next || next.done) impossible('A verified stream ended early.')
      if (next.value.length === 0) continue
      if (this.position + next.value.length < size) return next.value
      // The chunk is valid only until the stream is asked for its end, which checks the digest.
      const last = Buffer.from(next.value)
      await this.bytes?.next()
      return last
    }
  }

  /** What is sent once more counts once. */
  private count(): void {
    if (this.position <= this.furthest) return
    this.content.onBytes?.(this.position - this.furthest, 'copied')
    this.furthest = this.position
  }
}
