import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress, createGunzip, createInflate, type Zlib } from 'node:zlib'
import type { Bytes } from '../io/bytes.js'

/** We ask for bytes as they are (RFC 9110 section 12.5.3); some servers and proxies compress them all the same. */
export const AS_IT_IS = Object.freeze({ 'accept-encoding': 'identity' })

type Decoder = Zlib & NodeJS.ReadWriteStream & Readable

const DECODERS: Record<string, () => Decoder> = {
  gzip: () => createGunzip() as unknown as Decoder,
  'x-gzip': () => createGunzip() as unknown as Decoder,
  deflate: () => createInflate() as unknown as Decoder,
  br: () => createBrotliDecompress() as unknown as Decoder,
}

/**
 * What undoes the Content-Encoding of an answer; undefined if there is none, or if it is not a known one:
 * storage services return words there that came with the file (`aws-chunked`, `utf-8`).
 */
export function decoderOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Decode | undefined {
  const value = headers['content-encoding']
  const name = (Array.isArray(value) ? value.join(',') : (value ?? '')).trim().toLowerCase()
  const make = DECODERS[name]
  return make && ((bytes) => decoded(bytes, name, make))
}

export type Decode = (bytes: Bytes) => Bytes

/** Only as much is decoded as is requested: the reader has a limit. */
async function* decoded(bytes: Bytes, name: string, make: () => Decoder): Bytes {
  const iterator = bytes[Symbol.asyncIterator]()
  const first = await iterator.next()
  const rest = chunks(first, iterator)
  if (!first.done && name.endsWith('gzip') && !isGzip(first.value)) {
    yield* rest
    return
  }
  const decoder = make()
  const feeding = pipeline(Readable.from(rest, { objectMode: true }), decoder)
  // The reader gets the error from the decoder.
  feeding.catch(() => {})
  for await (const chunk of decoder) yield chunk as Uint8Array
  await feeding
}

/** A chunk is valid until the next but one is asked for, and a decoder keeps several. */
async function* chunks(first: IteratorResult<Uint8Array>, others: AsyncIterator<Uint8Array>): Bytes {
  try {
    for (let next = first; !next.done; next = await others.next()) yield Buffer.from(next.value)
  } finally {
    await others.return?.()
  }
}

/** RFC 1952 section 2.3.1; a label alone makes no gzip. */
function isGzip(chunk: Uint8Array): boolean {
  return chunk[0] === 0x1f && (chunk.length < 2 || chunk[1] === 0x8b)
}
