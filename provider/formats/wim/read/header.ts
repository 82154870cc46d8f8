import type { Compression } from '../codecs/compression.js'
import { damaged } from './damage.js'
import { type ResourceHeader, readResourceHeader } from './resource-header.js'

export const HEADER_SIZE = 208

const MAGIC = 'MSWIM\0\0\0'
/** wimlib's form that can be read from a pipe; its complete header stands at the end of the file. */
const PIPABLE_MAGIC = 'WLPWM\0\0\0'

const VERSION_DEFAULT = 0x00010d00
const VERSION_SOLID = 0x00000e00

const FLAG_COMPRESSED = 0x00000002
const FLAG_XPRESS = 0x00020000
const FLAG_LZX = 0x00040000
const FLAG_LZMS = 0x00080000
const FLAG_XPRESS_VARIANT = 0x00200000

export interface WimHeader {
  pipable: boolean
  version: number
  flags: number
  compression: Compression
  /** Bytes that one chunk expands to; 0 where nothing is compressed. */
  chunkSize: number
  /** 32 hex digits, the same in all parts of a split set. */
  guid: string
  part: number
  parts: number
  imageCount: number
  lookupTable: ResourceHeader
  xml: ResourceHeader
  bootMetadata: ResourceHeader
  /** 1-based; 0 for none. */
  bootIndex: number
  integrity: ResourceHeader
}

/** Whether these are the first bytes of a WIM, a part of one, or a pipable one. */
export function isWim(start: Uint8Array): boolean {
  const magic = Buffer.from(start.subarray(0, 8)).toString('latin1')
  return magic === MAGIC || magic === PIPABLE_MAGIC
}

/** Reads the 208 bytes at a WIM's start, or at its end where it is pipable. ARCHIVE_INVALID where they are no header. */
export function parseHeader(bytes: Buffer, file: string, at = 0): WimHeader {
  const wrong = (offset: number, what: string, expected: string | number, found: string | number) =>
    damaged({ file, resource: 'header', offset: at + offset }, what, { expected, found })
  if (bytes.length < HEADER_SIZE) throw wrong(0, 'the file ends inside the header', HEADER_SIZE, bytes.length)
  const magic = bytes.toString('latin1', 0, 8)
  if (magic !== MAGIC && magic !== PIPABLE_MAGIC)
    throw wrong(0, 'this is not a WIM file', 'MSWIM', bytes.toString('hex', 0, 8))
  const size = bytes.readUInt32LE(8)
  if (size !== HEADER_SIZE) throw wrong(8, `the header says it has ${size} bytes`, HEADER_SIZE, size)
  const version = bytes.readUInt32LE(0x0c)
  if (version !== VERSION_DEFAULT && version !== VERSION_SOLID)
    throw wrong(0x0c, 'the version is not known', '0x10d00 or 0xe00', `0x${version.toString(16)}`)

  const flags = bytes.readUInt32LE(0x10)
  const compression = compressionOf(flags)
  if (!compression)
    throw wrong(0x10, 'the flags name no single compression', 'one type', `0x${flags.toString(16)}`)
  const chunkSize = bytes.readUInt32LE(0x14)
  if (compression !== 'none' && !isChunkSize(compression, chunkSize))
    throw wrong(
      0x14,
      `${compression} has no chunks of ${chunkSize} bytes`,
      chunkRange(compression),
      chunkSize,
    )

  const part = bytes.readUInt16LE(0x28)
  const parts = bytes.readUInt16LE(0x2a)
  if (part < 1 || part > parts) throw wrong(0x28, `it is part ${part} of ${parts}`, `1 to ${parts}`, part)
  const imageCount = bytes.readUInt32LE(0x2c)
  if (imageCount > MAX_IMAGES) throw wrong(0x2c, `it claims ${imageCount} images`, MAX_IMAGES, imageCount)
  return {
    pipable: magic === PIPABLE_MAGIC,
    version,
    flags,
    compression,
    chunkSize: compression === 'none' ? 0 : chunkSize,
    guid: bytes.toString('hex', 0x18, 0x28),
    part,
    parts,
    imageCount,
    lookupTable: readResourceHeader(bytes, 0x30),
    xml: readResourceHeader(bytes, 0x48),
    bootMetadata: readResourceHeader(bytes, 0x60),
    bootIndex: bytes.readUInt32LE(0x78),
    integrity: readResourceHeader(bytes, 0x7c),
  }
}

const MAX_IMAGES = 65535

function compressionOf(flags: number): Compression | undefined {
  if ((flags & FLAG_COMPRESSED) === 0) return 'none'
  const xpress = (flags & (FLAG_XPRESS | FLAG_XPRESS_VARIANT)) !== 0
  const lzx = (flags & FLAG_LZX) !== 0
  const lzms = (flags & FLAG_LZMS) !== 0
  if (Number(xpress) + Number(lzx) + Number(lzms) !== 1) return undefined
  return xpress ? 'XPRESS' : lzx ? 'LZX' : 'LZMS'
}

/** The powers of two between which each compression's chunks lie. */
const CHUNK_BITS = { XPRESS: [12, 16], LZX: [15, 21], LZMS: [15, 30] } as const

/** Whether chunks of this compression can have this size. */
export function isChunkSize(compression: Exclude<Compression, 'none'>, size: number): boolean {
  const [least, most] = CHUNK_BITS[compression]
  return Number.isInteger(Math.log2(size)) && size >= 2 ** least && size <= 2 ** most
}

function chunkRange(compression: Exclude<Compression, 'none'>): string {
  const [least, most] = CHUNK_BITS[compression]
  return `a power of two from ${2 ** least} to ${2 ** most}`
}
