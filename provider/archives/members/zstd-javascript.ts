import { Decompress } from 'fzstd'
import type { Bytes } from '../../io/bytes.js'

/** zstd in plain JavaScript, a quarter of the speed, for hosts on which no native package runs. */
export async function* inJavaScript(bytes: Bytes): Bytes {
  let ready: Uint8Array[] = []
  const decoder = new Decompress((chunk) => {
    if (chunk.length > 0) ready.push(chunk)
  })
  for await (const chunk of bytes) {
    // What is left of a chunk is kept until the next one completes it, and by then the chunk is another.
    decoder.push(Uint8Array.from(chunk))
    const out = ready
    ready = []
    yield* out
  }
  decoder.push(new Uint8Array(0), true)
  yield* ready
}
