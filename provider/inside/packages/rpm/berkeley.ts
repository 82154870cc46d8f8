import { Unreadable } from '../package-reader.js'

/** Marks, types and places (Berkeley DB's src/dbinc/db_page.h: DBMETA, PAGE, HKEYDATA, HOFFPAGE). */
const HASH_MARK = 0x061561
const PAGE_HEADER_BYTES = 26
const PAGE_HASH_UNSORTED = 2
const PAGE_OVERFLOW = 7
const PAGE_HASH = 13
const KEY_OR_DATA = 1
const OFF_PAGE = 3

interface Database {
  bytes: Buffer
  pageSize: number
  isLittle: boolean
}

/**
 * The values of a hash database of Berkeley DB, in the order of its pages: in rpm's `Packages` each is the header of a
 * package, and one is the number of the last of them.
 * @throws Unreadable, RangeError
 */
export function* berkeleyValues(bytes: Buffer): Generator<Buffer> {
  const isLittle = bytes.readUInt32LE(12) === HASH_MARK
  if (!isLittle && bytes.readUInt32BE(12) !== HASH_MARK)
    throw new Unreadable('it is no hash database of Berkeley DB')
  const pageSize = isLittle ? bytes.readUInt32LE(20) : bytes.readUInt32BE(20)
  if (pageSize < 512 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0)
    throw new Unreadable('its pages have no size')
  const database = { bytes, pageSize, isLittle }
  // A long value is read each time it is referred to: all of them together may be no larger than the file.
  let left = bytes.length
  for (let page = pageSize; page + pageSize <= bytes.length; page += pageSize) {
    const type = bytes.readUInt8(page + 25)
    if (type !== PAGE_HASH && type !== PAGE_HASH_UNSORTED) continue
    for (const value of valuesIn(database, page)) {
      left -= value.length + 1
      if (left < 0) throw new Unreadable('its records are longer than the file')
      yield value
    }
  }
}

/** Keys and values in turn; each has its place in a table behind the header of the page, and ends where the one before began. */
function* valuesIn(database: Database, page: number): Generator<Buffer> {
  const { bytes, pageSize } = database
  const count = short(database, page + 20)
  if (PAGE_HEADER_BYTES + count * 2 > pageSize) throw new Unreadable('a page says too many entries')
  for (let i = 1; i < count; i += 2) {
    const offset = short(database, page + PAGE_HEADER_BYTES + i * 2)
    const end = short(database, page + PAGE_HEADER_BYTES + (i - 1) * 2)
    if (offset >= pageSize || end > pageSize || offset >= end)
      throw new Unreadable('an entry is outside of its page')
    const type = bytes.readUInt8(page + offset)
    if (type === KEY_OR_DATA) yield bytes.subarray(page + offset + 1, page + end)
    else if (type === OFF_PAGE)
      yield longValue(database, long(database, page + offset + 4), long(database, page + offset + 8))
  }
}

/** A value in a chain of pages. */
function longValue(database: Database, first: number, size: number): Buffer {
  const { bytes, pageSize } = database
  if (size > bytes.length) throw new Unreadable('a record is longer than the file')
  const parts: Buffer[] = []
  let left = size
  for (let page = first; left > 0; page = long(database, page * pageSize + 16)) {
    const start = page * pageSize
    if (page === 0 || start + pageSize > bytes.length || bytes.readUInt8(start + 25) !== PAGE_OVERFLOW)
      throw new Unreadable('the pages of a record end too early')
    const here = Math.min(left, short(database, start + 22), pageSize - PAGE_HEADER_BYTES)
    if (here === 0) throw new Unreadable('a page of a record is empty')
    parts.push(bytes.subarray(start + PAGE_HEADER_BYTES, start + PAGE_HEADER_BYTES + here))
    left -= here
  }
  return Buffer.concat(parts)
}

function short({ bytes, isLittle }: Database, at: number): number {
  return isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at)
}

function long({ bytes, isLittle }: Database, at: number): number {
  return isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)
}
