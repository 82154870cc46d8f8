import type { Bytes } from '../../io/bytes.js'

/**
 * Bytes that are read to their end even if their reader stops before. Errors of their source are kept apart
 * from what the reader finds wrong.
 */
export class ToTheEnd {
  private readonly iterator: AsyncIterator<Uint8Array>
  private held: Uint8Array | undefined
  private failure: { error: unknown } | undefined

  constructor(source: Bytes) {
    this.iterator = source[Symbol.asyncIterator]()
  }

  /** The first bytes, at least so many where there are; `bytes` gives them again. */
  async head(count: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for (let length = 0; length < count; ) {
      const chunk = await this.next()
      if (!chunk) break
      // If reading goes on, the source may use its memory again.
      parts.push(Buffer.from(chunk))
      length += chunk.length
    }
    this.held = Buffer.concat(parts)
    return this.held
  }

  /** Ending it early leaves the source open. */
  async *bytes(): Bytes {
    const { held } = this
    this.held = undefined
    if (held && held.length > 0) yield held
    for (let chunk = await this.next(); chunk; chunk = await this.next()) yield chunk
  }

  /** Reads what the reader has left. @throws what the source threw, even if its reader has caught that */
  async rest(): Promise<void> {
    while (!this.failure && (await this.next()));
    if (this.failure) throw this.failure.error
  }

  async close(): Promise<void> {
    await this.iterator.return?.()
  }

  private async next(): Promise<Uint8Array | undefined> {
    try {
      const { done, value } = await this.iterator.next()
      return done ? undefined : value
    } catch (error) {
      this.failure = { error }
      throw error
    }
  }
}
