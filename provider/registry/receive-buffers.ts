/** In bytes. At 128 KiB a read costs least: smaller ones cost calls, larger ones leave the processor's cache. */
const SIZE = 128 * 1024

/** At most this many buffers wait for their next use; more are left to the garbage collector. */
const KEPT = 64

/**
 * Buffers that sockets read into. A fresh buffer for every read, which is what Node does, costs more than
 * the reading itself: page faults, and garbage faster than it is collected.
 *
 * A buffer comes back only through `release`, by the one consumer that knows that nobody looks at it any
 * more; one that never comes back is merely garbage.
 */
export class ReceiveBuffers {
  private readonly free: Buffer[] = []
  /** Those that are ours, so that nobody else's memory is ever taken in. */
  private readonly lent = new WeakSet<ArrayBufferLike>()

  take(): Buffer {
    const free = this.free.pop()
    const buffer = free ?? Buffer.allocUnsafeSlow(SIZE)
    this.lent.add(buffer.buffer)
    return buffer
  }

  /** Takes back the buffer that these bytes lie in, if it is one of these. */
  release(bytes: Uint8Array): void {
    const memory = bytes.buffer
    if (!this.lent.delete(memory) || this.free.length >= KEPT) return
    this.free.push(Buffer.from(memory as ArrayBuffer))
  }
}
