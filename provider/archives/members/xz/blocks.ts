import { crc32 } from 'node:zlib'
import type { Bytes } from '../../../io/bytes.js'
import {
  blockHeaderSize,
  LZMA2,
  readBlockHeader,
  readStreamHeader,
  STREAM_HEADER_BYTES,
  type XzFilter,
} from './block-header.js'
import { CHECK_BYTES, xzCheck } from './checks.js'
import { type Unfilter, unfilter } from './filters.js'
import { variable } from './variable-size.js'

/** The next bytes of the data: as many as asked for, fewer only at the end. */
type Take = (count: number) => Promise<Uint8Array>
/** Decodes xz data whose blocks have LZMA2 alone, and no checks. */
type Lzma2Decoder = (bytes: Bytes) => Bytes

/** What the index says of a block, both in bytes. */
interface BlockSizes {
  unpadded: number
  uncompressed: number
}

/**
 * The uncompressed bytes of xz data with filters or with any check: each block is given to the decoder as a stream of
 * its own, without them; they are taken off and compared here (xz-file-format, 2 to 4).
 * @throws Error where the data is damaged, cut short, or asks for what is not known
 */
export async function* xzBlocksDecoded(take: Take, decoder: Lzma2Decoder): Bytes {
  for (let begin = await taken(take, 4); begin.length > 0; begin = await nextStream(take)) {
    const rest = await taken(take, STREAM_HEADER_BYTES - begin.length)
    const check = readStreamHeader(Buffer.concat([begin, rest]))
    const blocks: BlockSizes[] = []
    for (;;) {
      const [first = 0] = await taken(take, 1)
      if (first === 0) break
      blocks.push(yield* block(take, first, check, decoder))
    }
    await compareIndex(take, blocks, check)
  }
}

async function* block(
  take: Take,
  first: number,
  checkKind: number,
  decoder: Lzma2Decoder,
): AsyncGenerator<Uint8Array, BlockSizes> {
  const rest = await taken(take, blockHeaderSize(first) - 1)
  const filters = readBlockHeader(Buffer.concat([Buffer.from([first]), rest]))
  const lzma2 = filters.pop()
  if (lzma2?.id !== LZMA2) throw new Error('a block that is not compressed with LZMA2')
  const check = xzCheck(checkKind)
  const sizes = { compressed: 0, uncompressed: 0 }
  // The filter that was applied last is removed first.
  const unfilters = filters.map(unfilter).reverse()
  for await (const chunk of unfiltered(decoder(asStream(take, lzma2, sizes)), unfilters)) {
    if (chunk.length === 0) continue
    check.add(chunk)
    yield chunk
  }
  const size = CHECK_BYTES[checkKind] ?? 0
  if (!(await taken(take, size)).equals(check.end())) throw new Error('a block has another check')
  return {
    unpadded: blockHeaderSize(first) + sizes.compressed + size,
    uncompressed: sizes.uncompressed,
  }
}

async function* unfiltered(bytes: Bytes, filters: Unfilter[]): Bytes {
  for await (const chunk of bytes) yield filters.reduce((part, filter) => filter.add(part), chunk)
  for (const [i, filter] of filters.entries())
    yield filters.slice(i + 1).reduce((part, next) => next.add(part), filter.end())
}

/** The compressed bytes of a block as a stream without a check. */
async function* asStream(
  take: Take,
  lzma2: XzFilter,
  sizes: { compressed: number; uncompressed: number },
): Bytes {
  const flags = Buffer.from([0, 0])
  yield Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), flags, crcOf(flags)])
  // Twelve bytes with their CRC.
  const header = Buffer.from([2, 0, LZMA2, 1, lzma2.properties[0] ?? 0, 0, 0, 0])
  yield Buffer.concat([header, crcOf(header)])
  for await (const chunk of lzma2Chunks(take, sizes)) yield chunk
  const padding = await taken(take, toFour(sizes.compressed))
  if (padding.some((byte) => byte !== 0)) throw new Error('a block is damaged')
  yield padding
  const unpadded = header.length + 4 + sizes.compressed
  const index = indexBytes([{ unpadded, uncompressed: sizes.uncompressed }])
  yield index
  const end = Buffer.alloc(6)
  end.writeUInt32LE(index.length / 4 - 1)
  yield Buffer.concat([crcOf(end), end, Buffer.from('YZ')])
}

/** The chunks of LZMA2 one by one: nothing else says where a block ends. */
async function* lzma2Chunks(take: Take, sizes: { compressed: number; uncompressed: number }): Bytes {
  for (;;) {
    const control = await taken(take, 1)
    const kind = control[0] ?? 0
    const isPacked = kind >= 0x80
    if (!isPacked && kind > 2) throw new Error('a block is damaged')
    const rest = kind === 0 ? 0 : !isPacked ? 2 : kind >= 0xc0 ? 5 : 4
    const header = await taken(take, rest)
    sizes.compressed += 1 + rest
    yield Buffer.concat([control, header])
    if (kind === 0) return
    const unpacked = header.readUInt16BE() + (isPacked ? (kind & 0x1f) << 16 : 0) + 1
    const packed = isPacked ? header.readUInt16BE(2) + 1 : unpacked
    sizes.uncompressed += unpacked
    sizes.compressed += packed
    yield await taken(take, packed)
  }
}

/** Checks that the index and the end of a stream match what was found in each block. */
async function compareIndex(take: Take, blocks: BlockSizes[], check: number): Promise<void> {
  const index = indexBytes(blocks)
  const end = Buffer.alloc(6)
  end.writeUInt32LE(index.length / 4 - 1)
  end[5] = check
  // Its first byte has already been read: it said that no block follows.
  const expected = Buffer.concat([index.subarray(1), crcOf(end), end, Buffer.from('YZ')])
  if (!(await taken(take, expected.length)).equals(expected)) throw new Error('the index is damaged')
}

function indexBytes(blocks: BlockSizes[]): Buffer {
  const numbers = [blocks.length, ...blocks.flatMap(({ unpadded, uncompressed }) => [unpadded, uncompressed])]
  const bytes = Buffer.from([0, ...numbers.flatMap(variable)])
  const padded = Buffer.concat([bytes, Buffer.alloc(toFour(bytes.length))])
  return Buffer.concat([padded, crcOf(padded)])
}

/** The first bytes of the next stream, none at the end. Zeros may stand between streams, four at a time. */
async function nextStream(take: Take): Promise<Buffer> {
  for (;;) {
    const four = Buffer.from(await take(4))
    if (four.some((byte) => byte !== 0) || four.length === 0) return four
    if (four.length < 4) throw new Error('other bytes behind the end')
  }
}

function toFour(size: number): number {
  return (4 - (size % 4)) % 4
}

function crcOf(bytes: Uint8Array): Buffer {
  const crc = Buffer.alloc(4)
  crc.writeUInt32LE(crc32(bytes))
  return crc
}

async function taken(take: Take, count: number): Promise<Buffer> {
  const bytes = Buffer.from(await take(count))
  if (bytes.length < count) throw new Error('the data is cut short')
  return bytes
}
