import { crc32 } from 'node:zlib'
import { readVariable } from './variable-size.js'

/** What a block was passed through before it was compressed, in the order of the encoder (xz-file-format, 3.1). */
export interface XzFilter {
  id: number
  properties: Buffer
}

export const STREAM_HEADER_BYTES = 12
const STREAM_MAGIC = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])
export const LZMA2 = 0x21
/** None, CRC32, CRC64: those that the decoder knows itself. */
const PLAIN_CHECKS = new Set([0, 1, 4])

/** Which check follows each block. @throws Error where it is not a header of a stream */
export function readStreamHeader(bytes: Buffer): number {
  const flags = bytes.subarray(6, 8)
  const isWhole = bytes.length >= STREAM_HEADER_BYTES && bytes.subarray(0, 6).equals(STREAM_MAGIC)
  if (!isWhole || crc32(flags) !== bytes.readUInt32LE(8)) throw new Error('no header of an xz stream')
  if (flags[0] !== 0 || (flags[1] ?? 0) > 15) throw new Error('an xz stream of an unknown kind')
  return flags[1] ?? 0
}

/** The size of a block's header, by its first byte. */
export function blockHeaderSize(first: number): number {
  return (first + 1) * 4
}

/** The filters of a block. @throws Error where its header is damaged, or asks for what is not known */
export function readBlockHeader(header: Buffer): XzFilter[] {
  const end = header.length - 4
  if (crc32(header.subarray(0, end)) !== header.readUInt32LE(end))
    throw new Error('the header of a block is damaged')
  const flags = header[1] ?? 0
  if (flags & 0x3c) throw new Error('a block of an unknown kind')
  const place = { at: 2 }
  // The index repeats the sizes, and they are compared there.
  if (flags & 0x40) readVariable(header, place)
  if (flags & 0x80) readVariable(header, place)
  const filters: XzFilter[] = []
  for (let left = (flags & 3) + 1; left > 0; left--) {
    const id = readVariable(header, place)
    const size = readVariable(header, place)
    if (place.at + size > end) throw new Error('the header of a block is damaged')
    filters.push({ id, properties: header.subarray(place.at, place.at + size) })
    place.at += size
  }
  return filters
}

/** Whether xz data has nothing but LZMA2 and a CRC, as far as its beginning tells. */
export function isPlainXz(head: Buffer): boolean {
  try {
    if (!PLAIN_CHECKS.has(readStreamHeader(head))) return false
    const first = head[STREAM_HEADER_BYTES] ?? 0
    // Without a block there is an index.
    if (first === 0) return true
    const end = STREAM_HEADER_BYTES + blockHeaderSize(first)
    return readBlockHeader(head.subarray(STREAM_HEADER_BYTES, end)).length === 1
  } catch {
    // The decoder says what is wrong.
    return true
  }
}
