import { crc32 } from 'node:zlib'
import type { Bytes } from '../../io/bytes.js'

/** Bytes passing through, whose CRC-32 is added to a sum. */
export async function* summing(bytes: Bytes, sum: { crc32: number }): Bytes {
  for await (const chunk of bytes) {
    sum.crc32 = crc32(chunk, sum.crc32)
    yield chunk
  }
}
