import type { Dispatcher } from 'undici'
import { ContainerImageError } from '../../manifests/index.js'
import type { Decode } from './content-encoding.js'
import type { Pace } from './pace.js'
import type { ReceiveBuffers } from './receive-buffers.js'

/**
 * In bytes: the connection is paused when chunks that nobody has asked for yet hold this much memory. A
 * chunk of few bytes may hold a large buffer.
 */
const WAITING = 1024 * 1024

/** An unwanted body of at most this size is read and thrown away, so that the connection can be reused. */
const WORTH_DRAINING = 64 * 1024
/** In milliseconds: a body slower than this is not worth keeping the connection. */
const PATIENCE_TO_DRAIN = 2000

/**
 * The body of one answer, read once, chunk by chunk. The connection stands still while nobody asks.
 * Errors come as the transport made them.
 */
export class Body implements AsyncIterable<Uint8Array> {
  private readonly queue: Buffer[] = []
  private held = 0
  private state: 'open' | 'ended' | 'failed' = 'open'
  private error: unknown
  private wake: (() => void) | undefined
  private decode: Decode | undefined
  /** Called once, when no more will come or nobody wants it. */
  onDone: (() => void) | undefined

  constructor(
    readonly controller: Dispatcher.DispatchController,
    readonly buffers: ReceiveBuffers,
    readonly asError: (error: unknown) => unknown,
    /** By Content-Length, in bytes. */
    readonly length: number | undefined,
    readonly pace: Pace,
    /** Undoes the Content-Encoding. */
    decode?: Decode,
  ) {
    this.decode = decode
  }

  /** Whether decoding makes the bytes that are read differ from those that come, also in number. */
  get isDecoded(): boolean {
    return this.decode !== undefined
  }

  /** Gives the bytes undecoded: the stated encoding is part of what the file is. */
  keepEncoded(): void {
    this.decode = undefined
  }

  /** Takes a chunk from the connection. */
  push(chunk: Buffer): void {
    if (this.state !== 'open') return
    this.queue.push(chunk)
    this.held += chunk.buffer.byteLength
    this.pace.came(chunk.length)
    if (this.held >= WAITING) this.controller.pause()
    this.woken()
  }

  end(): void {
    if (this.state !== 'open') return
    this.state = 'ended'
    this.onDone?.()
    this.woken()
  }

  fail(error: unknown): void {
    if (this.state !== 'open') return
    this.state = 'failed'
    this.error = this.asError(error)
    this.onDone?.()
    this.woken()
  }

  /** A chunk is valid until the next but one is asked for. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    if (!this.decode) return yield* this.asItComes()
    try {
      yield* this.decode(this.asItComes())
    } catch (error) {
      throw error instanceof ContainerImageError ? error : this.asError(error)
    } finally {
      this.cancel()
    }
  }

  private async *asItComes(): AsyncGenerator<Uint8Array> {
    let last: Buffer | undefined
    let current: Buffer | undefined
    try {
      for (;;) {
        const chunk = this.shift()
        if (chunk) {
          // One buffer may hold several chunks (parts of a chunked body): it is free when the last one is.
          if (last && last.buffer !== current?.buffer && last.buffer !== chunk.buffer)
            this.buffers.release(last)
          last = current
          current = chunk
          yield chunk
        } else if (this.state === 'failed') throw this.error
        else if (this.state === 'ended') return
        else await this.more()
      }
    } finally {
      if (this.state === 'open') this.cancel()
    }
  }

  /**
   * Reads the whole body.
   * @param tooLarge makes the error for a body of more than `limit` bytes
   */
  async bytes(limit: number, tooLarge: (found: number) => Error): Promise<Buffer> {
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of this) {
      length += chunk.length
      if (length > limit) throw tooLarge(length)
      chunks.push(Buffer.from(chunk))
    }
    return Buffer.concat(chunks, length)
  }

  /**
   * Like `bytes`, for a body that is worth only this much time; whatever has come by then counts as all of
   * it.
   */
  async bytesWithin(milliseconds: number, limit: number): Promise<Buffer> {
    const timer = setTimeout(() => this.cancel(), milliseconds)
    try {
      return await this.bytes(limit, () => new Error('too long to show'))
    } finally {
      clearTimeout(timer)
    }
  }

  /** Disposes of a body that nobody wants: reads it if it is short and comes soon, otherwise hangs up. */
  async discard(): Promise<void> {
    if (this.length === undefined || this.length > WORTH_DRAINING) return this.cancel()
    try {
      await this.bytesWithin(PATIENCE_TO_DRAIN, WORTH_DRAINING)
    } catch {
      // it was not wanted anyway
    }
  }

  /** Hangs up. */
  cancel(): void {
    if (this.state !== 'open') return
    this.state = 'ended'
    this.queue.length = 0
    this.onDone?.()
    this.controller.abort(new Error('the rest of the answer is not wanted'))
    this.woken()
  }

  private shift(): Buffer | undefined {
    const chunk = this.queue.shift()
    if (!chunk) return undefined
    this.held -= chunk.buffer.byteLength
    if (this.queue.length === 0 && this.state === 'open') this.controller.resume()
    return chunk
  }

  private async more(): Promise<void> {
    const since = performance.now()
    await new Promise<void>((resolve) => {
      this.wake = resolve
    })
    try {
      this.pace.waited(performance.now() - since)
    } catch (error) {
      this.fail(error)
      this.controller.abort(error as Error)
    }
  }

  private woken(): void {
    const wake = this.wake
    this.wake = undefined
    wake?.()
  }
}
