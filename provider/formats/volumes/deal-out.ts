import type { Bytes } from '../../io/bytes.js'

/**
 * Deals a stream out to ranges, in their order; bytes between them are skipped. Each range gets a stream of its own,
 * which must be read to its end before the next one begins.
 * @param start the position of the stream's first byte
 * @param take gets the number of a range, its bytes, and how many of them come before the stream's start
 */
export async function dealOut(
  bytes: Bytes,
  start: number,
  ranges: { from: number; size: number }[],
  take: (at: number, bytes: Bytes, skipped: number) => Promise<void>,
): Promise<void> {
  const iterator = bytes[Symbol.asyncIterator]()
  let position = start
  let rest: Uint8Array = new Uint8Array()

  async function* upTo(end: number): Bytes {
    while (position < end) {
      if (rest.length === 0) {
        const next = await iterator.next()
        if (next.done) return
        rest = next.value
      }
      const chunk = rest.subarray(0, end - position)
      rest = rest.subarray(chunk.length)
      position += chunk.length
      yield chunk
    }
  }

  try {
    for (const [at, { from, size }] of ranges.entries()) {
      if (from + size <= position) continue
      for await (const _ of upTo(from));
      await take(at, upTo(from + size), Math.max(0, position - from))
    }
    // The stream is checked only at its end.
    for await (const _ of upTo(Number.POSITIVE_INFINITY));
  } finally {
    await iterator.return?.()
  }
}
