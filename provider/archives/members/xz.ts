import { ReadableStream } from 'node:stream/web'
import xzDecompress from 'xz-decompress'
import type { Bytes } from '../../io/bytes.js'
import { streamCursor } from './cursor.js'
import { isPlainXz } from './xz/block-header.js'

/** Enough for the header of a stream and the one of its first block. */
const HEAD_BYTES = 12 + 1024

/**
 * The uncompressed bytes of xz data; several streams one after the other are one, as `xz -dc` takes them. A WebAssembly
 * build of XZ Embedded decodes LZMA2 and compares CRCs. Data with filters or other checks is given to it block by block.
 * @throws Error where the data is damaged or cut short
 */
export async function* xzDecoded(bytes: Bytes): Bytes {
  const iterator = bytes[Symbol.asyncIterator]()
  try {
    const head = await headOf(iterator)
    const whole = behind(head, iterator)
    if (isPlainXz(head)) yield* lzma2Decoded(whole)
    else {
      const { xzBlocksDecoded } = await import('./xz/blocks.js')
      const cursor = streamCursor(whole)
      yield* xzBlocksDecoded((count) => cursor.take(count), lzma2Decoded)
    }
  } finally {
    await iterator.return?.()
  }
}

async function headOf(iterator: AsyncIterator<Uint8Array>): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0)
  while (head.length < HEAD_BYTES) {
    const { done, value } = await iterator.next()
    if (done) break
    head = Buffer.concat([head, value])
  }
  return head
}

async function* behind(head: Buffer, iterator: AsyncIterator<Uint8Array>): Bytes {
  yield head
  for (;;) {
    const { done, value } = await iterator.next()
    if (done) return
    yield value
  }
}

async function* lzma2Decoded(bytes: Bytes): Bytes {
  const input = ReadableStream.from(bytes) as ConstructorParameters<typeof xzDecompress.XzReadableStream>[0]
  const output = new xzDecompress.XzReadableStream(input) as unknown as ReadableStream<Uint8Array>
  const reader = output.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      // The decoder reuses its memory for the next chunk, so each one is copied.
      yield Buffer.from(value)
    }
  } finally {
    // Once it has decoded everything it cannot be ended early, even if nobody has taken the output yet.
    await reader.cancel().catch(() => {})
  }
}
