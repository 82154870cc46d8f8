import { inflateRawSync } from 'node:zlib'
import { Unreadable } from '../package-reader.js'

/** A member of a zip that is in memory. */
export interface ZipMember {
  name: string
  /** What it takes to unpack it, in bytes, as the directory says. */
  size: number
  /** No more than its size. @throws Unreadable, RangeError; what zlib throws */
  bytes(): Buffer
}

const END = 0x06054b50
const END_BYTES = 22
const MOST_COMMENT = 0xffff
const MEMBER = 0x02014b50
const MEMBER_BYTES = 46
const LOCAL = 0x04034b50
const LOCAL_BYTES = 30
const STORED = 0
const DEFLATED = 8

/**
 * The members of a zip in memory by its central directory (APPNOTE 6.3.10, 4.3). Zip64 is not read: what is read here is
 * never that large.
 * @throws Unreadable, RangeError
 */
export function* zipMembers(zip: Buffer): Generator<ZipMember> {
  const end = endOf(zip)
  const count = zip.readUInt16LE(end + 10)
  const size = zip.readUInt32LE(end + 12)
  // Programs may stand before a zip, and the offsets of some do not count them.
  const start = end - size
  const before = start - zip.readUInt32LE(end + 16)
  if (start < 0 || before < 0) throw new Unreadable('the directory of the archive is not where its end says')
  let at = start
  for (let i = 0; i < count; i++) {
    if (zip.readUInt32LE(at) !== MEMBER) throw new Unreadable('the directory of the archive is damaged')
    const nameSize = zip.readUInt16LE(at + 28)
    const header = at
    yield {
      name: zip.toString('utf8', at + MEMBER_BYTES, at + MEMBER_BYTES + nameSize),
      size: Math.max(zip.readUInt32LE(at + 20), zip.readUInt32LE(at + 24)),
      bytes: () => unpacked(zip, header, before),
    }
    at += MEMBER_BYTES + nameSize + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32)
  }
}

/** The last record whose comment ends with the file. */
function endOf(zip: Buffer): number {
  const lowest = Math.max(0, zip.length - END_BYTES - MOST_COMMENT)
  for (let at = zip.length - END_BYTES; at >= lowest; at--)
    if (zip.readUInt32LE(at) === END && at + END_BYTES + zip.readUInt16LE(at + 20) === zip.length) return at
  throw new Unreadable('the archive has no end')
}

function unpacked(zip: Buffer, header: number, before: number): Buffer {
  const method = zip.readUInt16LE(header + 10)
  const size = zip.readUInt32LE(header + 20)
  const whole = zip.readUInt32LE(header + 24)
  const local = before + zip.readUInt32LE(header + 42)
  if (zip.readUInt32LE(local) !== LOCAL) throw new Unreadable('a member is not where the directory says')
  const from = local + LOCAL_BYTES + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
  if (from + size > zip.length) throw new Unreadable('the archive is cut short')
  const bytes = zip.subarray(from, from + size)
  if (method === STORED) return bytes
  if (method === DEFLATED) return inflateRawSync(bytes, { maxOutputLength: Math.max(1, whole) })
  throw new Unreadable('a member is compressed in a way that is not read')
}
