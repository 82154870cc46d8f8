import { exactText } from './exact-text.js'

/** One header block of a tar, as POSIX.1-2017 (pax, "ustar Interchange Format") and GNU tar write it. */
export interface TarHeader {
  name: string
  mode: number
  uid: number
  gid: number
  /** In bytes, as the block itself says; a pax record may say otherwise. */
  size: number
  mtime: number
  type: string
  linkName: string
  /** Of a device. */
  major: number
  minor: number
  /** Fields that Go, in which the engines are written, cannot read as numbers of 64 bits; it refuses the tar then. */
  unread: readonly NumberField[]
}

export type NumberField = 'mode' | 'uid' | 'gid' | 'mtime'

/** Where a block has its numbers, and in how many bytes. */
export const NUMBER_FIELDS: Record<NumberField, readonly [start: number, length: number]> = {
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  mtime: [136, 12],
}
const NONE: readonly NumberField[] = []

export const BLOCK = 512

/** The first size that the eleven octal digits of a header cannot hold: 8 GiB. */
export const OCTAL_LIMIT = 8 ** 11

/** Bytes that a member of this size takes in a tar, in addition to its header. */
export function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK
}

export function isZeroBlock(block: Uint8Array): boolean {
  for (let i = 0; i < block.length; i++) if (block[i] !== 0) return false
  return true
}

/** Reads a header block; undefined where its checksum is wrong or a number in it is not a number. */
export function parseTarHeader(block: Uint8Array): TarHeader | undefined {
  if (block.length !== BLOCK || !checksumFits(block)) return undefined
  const size = tarNumber(block, 124, 12)
  if (size === undefined || size < 0) return undefined
  const number = (field: NumberField): number | undefined => tarNumber(block, ...NUMBER_FIELDS[field])
  const header = { mode: number('mode'), uid: number('uid'), gid: number('gid'), mtime: number('mtime') }
  return {
    name: fullName(block),
    mode: header.mode ?? 0,
    uid: header.uid ?? 0,
    gid: header.gid ?? 0,
    size,
    mtime: header.mtime ?? 0,
    type: block[156] === 0 ? '0' : String.fromCharCode(block[156] ?? 0),
    linkName: text(block, 157, 100),
    major: tarNumber(block, 329, 8) ?? 0,
    minor: tarNumber(block, 337, 8) ?? 0,
    unread: unreadIn(block, header),
  }
}

/**
 * Nearly every block has no such field: a number that was read here and is not negative is also a number for
 * Go.
 */
function unreadIn(block: Uint8Array, read: Record<NumberField, number | undefined>): readonly NumberField[] {
  const odd = FIELDS.filter((field) => (read[field] ?? -1) < 0)
  return odd.length === 0 ? NONE : odd.filter((field) => !isBinaryOf64Bits(block, ...NUMBER_FIELDS[field]))
}

const FIELDS = Object.keys(NUMBER_FIELDS) as NumberField[]

/** GNU's base-256, in two's complement, with the highest bit of the first byte as its mark. */
function isBinaryOf64Bits(block: Uint8Array, start: number, length: number): boolean {
  const first = block[start] ?? 0
  if (!(first & 0x80)) return false
  const sign = first & 0x40 ? 0xff : 0
  let bits = 0
  for (let i = start; i < start + length; i++) {
    const byte = ((block[i] ?? 0) ^ sign) & (i === start ? 0x7f : 0xff)
    bits = bits > 0 ? bits + 8 : byte === 0 ? 0 : 32 - Math.clz32(byte)
  }
  return bits <= 63
}

function fullName(block: Uint8Array): string {
  const name = text(block, 0, 100)
  if (block[345] === 0) return name
  const ustar = text(block, 257, 6) === 'ustar' && block[262] === 0
  const prefix = ustar ? text(block, 345, 155) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

function text(block: Uint8Array, start: number, length: number): string {
  let end = start
  while (end < start + length && block[end] !== 0) end++
  if (end === start) return ''
  return exactText(Buffer.from(block.buffer, block.byteOffset + start, end - start))
}

/** An octal number, or GNU's base-256; undefined where it is neither. */
export function tarNumber(block: Uint8Array, start: number, length: number): number | undefined {
  const first = block[start] ?? 0
  if (first & 0x80) {
    if (first & 0x40) return -1
    let value = first & 0x3f
    for (let i = start + 1; i < start + length; i++) value = value * 256 + (block[i] ?? 0)
    return Number.isSafeInteger(value) ? value : undefined
  }
  const usual = plainOctal(block, start, length)
  if (usual !== undefined) return usual
  const digits = text(block, start, length).trim()
  if (digits === '') return 0
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined
}

/**
 * Octal digits up to the end, or up to a NUL or blank that only NULs may follow: nearly all numbers are like
 * that.
 */
function plainOctal(block: Uint8Array, start: number, length: number): number | undefined {
  const end = start + length
  let value = 0
  for (let at = start; at < end; at++) {
    const byte = block[at] ?? 0
    if (byte >= 0x30 && byte <= 0x37) value = value * 8 + (byte - 0x30)
    else if (byte === 0) return value
    else return byte === 0x20 && at > start && (at + 1 === end || block[at + 1] === 0) ? value : undefined
  }
  return value
}

function checksumFits(block: Uint8Array): boolean {
  const said = tarNumber(block, 148, 8)
  return said === checksum(block)
}

/** The sum of all bytes of the block, its own field taken as blanks. */
export function checksum(block: Uint8Array): number {
  let sum = 8 * 0x20
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += block[i] ?? 0
  return sum
}

/**
 * The header of a regular file as our archives have it: ustar, root's, mode 0644, time 0, so that the same
 * content always gives the same bytes. Sizes of 8 GiB and more are written as base-256.
 */
export function fileHeader(name: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK)
  block.write(name, 0, 100, 'utf8')
  block.write('0000644\0', 100, 'latin1')
  block.write('0000000\0', 108, 'latin1')
  block.write('0000000\0', 116, 'latin1')
  writeNumber(block, 124, size)
  block.write('00000000000\0', 136, 'latin1')
  block.write('0', 156, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  block.write('0000000\0', 329, 'latin1')
  block.write('0000000\0', 337, 'latin1')
  return sealed(block)
}

/** The header of a member of any kind of file as that of a plain one of this size; its name and rights stay. */
export function asPlainFile(header: Uint8Array, size: number): Buffer {
  const block = Buffer.from(header)
  // What GNU tar keeps there belongs to sparse files; POSIX has the beginning of a long name there.
  if (block[156] === GNU_SPARSE) block.fill(0, 345)
  block.write('0', 156, 'latin1')
  return withSize(block, size)
}

/** A header with another size. */
export function withSize(header: Uint8Array, size: number): Buffer {
  const block = Buffer.from(header)
  writeNumber(block, 124, size)
  return sealed(block)
}

/** A header with another time, in seconds since 1970. */
export function withTime(header: Uint8Array, mtime: number): Buffer {
  const block = Buffer.from(header)
  writeNumber(block, NUMBER_FIELDS.mtime[0], mtime)
  return sealed(block)
}

function sealed(block: Buffer): Buffer {
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

const GNU_SPARSE = 0x53

/** In eleven octal digits, or in base-256 where they are too few. */
function writeNumber(block: Buffer, at: number, value: number): void {
  block.fill(0, at, at + 12)
  if (value < OCTAL_LIMIT) {
    block.write(`${value.toString(8).padStart(11, '0')}\0`, at, 'latin1')
    return
  }
  block[at] = 0x80
  block.writeBigUInt64BE(BigInt(value), at + 4)
}
