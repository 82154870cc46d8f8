import { ReadableStream } from 'node:stream/web'
import xzDecompress from 'xz-decompress'
import type { Bytes } from '../ports.js'

/** xz by a WebAssembly build of XZ Embedded; several streams one after the other are one, as `xz -dc` takes them. */
export async function* xzDecoded(bytes: Bytes): Bytes {
  const input = ReadableStream.from(bytes) as ConstructorParameters<typeof xzDecompress.XzReadableStream>[0]
  const output = new xzDecompress.XzReadableStream(input) as unknown as ReadableStream<Uint8Array>
  // The decoder reuses its memory for the next chunk, so each one is copied.
  for await (const chunk of output) yield Buffer.from(chunk)
}
