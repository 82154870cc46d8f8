import { PassThrough } from 'node:stream'
import { type CheckLayerOptions, checkLayerBytes } from '../archives/layers/check-layer.js'
import type { Bytes } from '../io/bytes.js'
import { freeMemory } from '../io/free-memory.js'
import type { Content } from './ports.js'

/** How many chunks may be waiting to be checked before the sink has to wait. */
const AHEAD_CHUNKS = 16

/** A layer that is checked while its bytes pass on their way to a sink. */
export class PassingLayer {
  readonly content: Content
  private check: RunningCheck | undefined

  constructor(
    private readonly whole: Content,
    private readonly options: CheckLayerOptions,
  ) {
    this.content = {
      ...whole,
      open: (from) => this.passing(whole.open(from), from),
      kept: (bytes) => this.passing(bytes, 0),
      judged: () => this.judged(),
    }
  }

  /** The bytes of the files in it; undefined unless all of it has passed. @throws what is wrong with it */
  async judged(): Promise<number | undefined> {
    if (this.check?.taken !== this.whole.descriptor.size) return undefined
    return await this.check.end()
  }

  async close(): Promise<void> {
    await this.check?.stop()
  }

  /**
   * A sink may open it again: after what it already has, where the connection broke, or from the beginning.
   */
  private async *passing(bytes: Bytes, from: number): Bytes {
    if (from === 0) {
      await this.check?.stop()
      this.check = new RunningCheck(this.options)
    }
    let position = from
    for await (const chunk of bytes) {
      await this.check?.take(chunk, position)
      position += chunk.length
      yield chunk
    }
  }
}

class RunningCheck {
  /** Bytes from the beginning. */
  taken = 0
  private readonly pipe = new PassThrough({ objectMode: true, highWaterMark: AHEAD_CHUNKS })
  private readonly verdict: Promise<{ bytes: number } | { error: unknown }>

  constructor(options: CheckLayerOptions) {
    this.verdict = checkLayerBytes(freeing(this.pipe), options).then(
      (bytes) => ({ bytes }),
      (error) => ({ error }),
    )
  }

  /** Bytes that it has already seen are skipped; after a gap nothing can be said about the rest. */
  async take(chunk: Uint8Array, position: number): Promise<void> {
    const fresh = chunk.subarray(Math.max(0, this.taken - position))
    if (position > this.taken || fresh.length === 0 || this.pipe.destroyed) return
    this.taken += fresh.length
    // The source may use its memory again once it is asked for more.
    const own = Buffer.allocUnsafeSlow(fresh.length)
    own.set(fresh)
    if (!this.pipe.write(own)) await this.drained()
  }

  async end(): Promise<number> {
    this.pipe.end()
    const verdict = await this.verdict
    if ('error' in verdict) throw verdict.error
    return verdict.bytes
  }

  async stop(): Promise<void> {
    this.pipe.destroy()
    await this.verdict
  }

  private async drained(): Promise<void> {
    const { pipe } = this
    await new Promise<void>((resolve) => {
      const go = (): void => {
        pipe.off('drain', go).off('close', go)
        resolve()
      }
      pipe.once('drain', go).once('close', go)
    })
  }
}

/** Whoever asks for the next chunk is done with the last, and nobody else has it. */
async function* freeing(chunks: AsyncIterable<Uint8Array>): Bytes {
  for await (const chunk of chunks) {
    yield chunk
    freeMemory(chunk)
  }
}
