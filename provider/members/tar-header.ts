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
}

export const BLOCK = 512

/** The first size that the eleven octal digits of a header cannot hold: 8 GiB. */
export const OCTAL_LIMIT = 8 ** 11

/** Bytes that a member of this size takes in a tar beside its header. */
export function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK
}

export function isZeroBlock(block: Uint8Array): boolean {
  for (let i = 0; i < block.length; i++) if (block[i] !== 0) return false
  return true
}

/** Reads a header block; undefined where its checksum is wrong or a number in it is no number. */
export function parseTarHeader(block: Uint8Array): TarHeader | undefined {
  if (block.length !== BLOCK || !checksumFits(block)) return undefined
  const size = number(block, 124, 12)
  const header = {
    mode: number(block, 100, 8),
    uid: number(block, 108, 8),
    gid: number(block, 116, 8),
    mtime: number(block, 136, 12),
  }
  if (size === undefined || size < 0) return undefined
  return {
    name: fullName(block),
    mode: header.mode ?? 0,
    uid: header.uid ?? 0,
    gid: header.gid ?? 0,
    size,
    mtime: header.mtime ?? 0,
    type: block[156] === 0 ? '0' : String.fromCharCode(block[156] ?? 0),
    linkName: text(block, 157, 100),
    major: number(block, 329, 8) ?? 0,
    minor: number(block, 337, 8) ?? 0,
  }
}

function fullName(block: Uint8Array): string {
  const name = text(block, 0, 100)
  const ustar = text(block, 257, 6) === 'ustar' && block[262] === 0
  const prefix = ustar ? text(block, 345, 155) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

function text(block: Uint8Array, start: number, length: number): string {
  let end = start
  while (end < start + length && block[end] !== 0) end++
  return Buffer.from(block.buffer, block.byteOffset + start, end - start).toString('utf8')
}

/** An octal number, or GNU's base-256; undefined where it is neither. */
function number(block: Uint8Array, start: number, length: number): number | undefined {
  const first = block[start] ?? 0
  if (first & 0x80) {
    if (first & 0x40) return -1
    let value = first & 0x3f
    for (let i = start + 1; i < start + length; i++) value = value * 256 + (block[i] ?? 0)
    return Number.isSafeInteger(value) ? value : undefined
  }
  const digits = text(block, start, length).trim()
  if (digits === '') return 0
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined
}

function checksumFits(block: Uint8Array): boolean {
  const said = number(block, 148, 8)
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
  writeSize(block, size)
  block.write('00000000000\0', 136, 'latin1')
  block.write('0', 156, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  block.write('0000000\0', 329, 'latin1')
  block.write('0000000\0', 337, 'latin1')
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

function writeSize(block: Buffer, size: number): void {
  if (size < OCTAL_LIMIT) {
    block.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
    return
  }
  block[124] = 0x80
  block.writeBigUInt64BE(BigInt(size), 128)
}
