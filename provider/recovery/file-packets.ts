import { createHash } from 'node:crypto'
import { LIMITS } from './limits.js'

/** The first bytes of a file that have a hash of their own. */
export const FIRST_BYTES = 16384
/** A slice's checksums: MD5, then CRC-32. */
export const CHECKSUM_BYTES = 20

/** What a Main packet says; its MD5 is the id of the set. */
export interface Main {
  sliceSize: number
  /** The ids of the files that can be repaired, in the order of their slices. */
  fileIds: string[]
}

export interface FileDescription {
  id: string
  /** MD5 of the whole file, in hex. */
  md5: string
  /** MD5 of its first 16 KiB, in hex. */
  firstMd5: string
  /** In bytes. */
  size: number
  name: string
}

export function mainBody({ sliceSize, fileIds }: Main): Buffer {
  const head = Buffer.alloc(12)
  head.writeBigUInt64LE(BigInt(sliceSize))
  head.writeUInt32LE(fileIds.length, 8)
  return Buffer.concat([head, ...fileIds.map((id) => Buffer.from(id, 'hex'))])
}

/** Undefined where the packet cannot be right, or asks for more than the format has. */
export function parseMain(body: Buffer): Main | undefined {
  if (body.length < 12 || (body.length - 12) % 16 !== 0) return undefined
  const sliceSize = Number(body.readBigUInt64LE())
  const count = body.readUInt32LE(8)
  if (sliceSize === 0 || sliceSize % 4 !== 0 || sliceSize > LIMITS.sliceBytes) return undefined
  if (count > (body.length - 12) / 16) return undefined
  const fileIds = Array.from({ length: count }, (_, i) => body.toString('hex', 12 + i * 16, 28 + i * 16))
  return new Set(fileIds).size === count ? { sliceSize, fileIds } : undefined
}

/** The id of a file: MD5 of the first bytes' MD5, its size and its name. */
export function fileId(file: Omit<FileDescription, 'id' | 'md5'>): string {
  return createHash('md5').update(identified(file)).digest('hex')
}

export function descriptionBody(file: FileDescription): Buffer {
  return Buffer.concat([Buffer.from(file.id, 'hex'), Buffer.from(file.md5, 'hex'), identified(file)])
}

/** Undefined where the packet cannot be right. */
export function parseDescription(body: Buffer): FileDescription | undefined {
  if (body.length < 57) return undefined
  const size = body.readBigUInt64LE(48)
  let end = body.length
  while (end > 56 && body[end - 1] === 0) end--
  if (end === 56 || end - 56 > LIMITS.nameBytes || size > BigInt(Number.MAX_SAFE_INTEGER)) return undefined
  const id = body.toString('hex', 0, 16)
  // Over the bytes as they are, so that it does not matter in which encoding the name is.
  if (createHash('md5').update(body.subarray(32, end)).digest('hex') !== id) return undefined
  return {
    id,
    md5: body.toString('hex', 16, 32),
    firstMd5: body.toString('hex', 32, 48),
    size: Number(size),
    name: decodeName(body.subarray(56, end)),
  }
}

/** PAR 2.0 says ASCII; its programs write UTF-8 on Linux and the code page of the system on Windows. */
function decodeName(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}

function identified({ firstMd5, size, name }: Omit<FileDescription, 'id' | 'md5'>): Buffer {
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(size))
  return Buffer.concat([Buffer.from(firstMd5, 'hex'), length, Buffer.from(name, 'utf8')])
}

/** Ids are sorted as numbers whose last byte weighs most. */
export function byId(a: { id: string }, b: { id: string }): number {
  return Buffer.compare(Buffer.from(a.id, 'hex').reverse(), Buffer.from(b.id, 'hex').reverse())
}

export function slicesOf(size: number, sliceSize: number): number {
  return Math.ceil(size / sliceSize)
}
