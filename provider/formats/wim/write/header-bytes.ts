import { HEADER_SIZE } from '../read/header.js'
import type { WriteCompression } from './encode-job.js'

const VERSION = 0x00010d00
const FLAG_COMPRESSED = 0x02
const FLAG_SPANNED = 0x08
const FLAG_WRITE_IN_PROGRESS = 0x40
const FLAG_XPRESS = 0x20000
const FLAG_LZX = 0x40000
const COMPRESSION_FLAGS = {
  none: 0,
  xpress: FLAG_COMPRESSED | FLAG_XPRESS,
  lzx: FLAG_COMPRESSED | FLAG_LZX,
}

/** Where a resource lies: the 24 bytes of the header and of the lookup table. */
export interface ResourcePlace {
  offset: number
  stored: number
  size: number
  flags: number
}

export interface HeaderFields {
  compression: WriteCompression
  chunkSize: number
  /** 16 bytes. */
  guid: Buffer
  part: number
  parts: number
  images: number
  lookupTable: ResourcePlace
  xml: ResourcePlace
  integrity?: ResourcePlace | undefined
  /** Set while the file is not complete. */
  inProgress?: boolean
}

export function headerBytes(fields: HeaderFields): Buffer {
  const bytes = Buffer.alloc(HEADER_SIZE)
  bytes.write('MSWIM\0\0\0', 'latin1')
  bytes.writeUInt32LE(HEADER_SIZE, 0x08)
  bytes.writeUInt32LE(VERSION, 0x0c)
  const spanned = fields.parts > 1 ? FLAG_SPANNED : 0
  const progress = fields.inProgress ? FLAG_WRITE_IN_PROGRESS : 0
  bytes.writeUInt32LE(COMPRESSION_FLAGS[fields.compression] | spanned | progress, 0x10)
  bytes.writeUInt32LE(fields.compression === 'none' ? 0 : fields.chunkSize, 0x14)
  fields.guid.copy(bytes, 0x18, 0, 16)
  bytes.writeUInt16LE(fields.part, 0x28)
  bytes.writeUInt16LE(fields.parts, 0x2a)
  bytes.writeUInt32LE(fields.images, 0x2c)
  writePlace(bytes, 0x30, fields.lookupTable)
  writePlace(bytes, 0x48, fields.xml)
  if (fields.integrity) writePlace(bytes, 0x7c, fields.integrity)
  return bytes
}

export function writePlace(bytes: Buffer, at: number, { offset, stored, size, flags }: ResourcePlace): void {
  bytes.writeUIntLE(stored, at, 6)
  bytes[at + 7] = flags
  bytes.writeBigUInt64LE(BigInt(offset), at + 8)
  bytes.writeBigUInt64LE(BigInt(size), at + 16)
}
