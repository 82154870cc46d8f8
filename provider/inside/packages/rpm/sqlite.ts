import { Unreadable } from '../package-reader.js'

/** Sizes and types of pages (sqlite.org/fileformat2.html, 1.3 and 1.6). */
const HEADER = 'SQLite format 3\0'
const HEADER_BYTES = 100
const INTERIOR_TABLE = 5
const LEAF_TABLE = 13
/** There are no deeper trees: 20 levels hold more than the largest file. */
const DEEPEST = 20
const MOST_PAGES = 500_000
/** In bytes: a pointer, two numbers and the header of a record. */
const LEAST_CELL = 6

type Value = Buffer | string | number | null

interface Database {
  bytes: Buffer
  pageSize: number
  /** Of a page, without what is reserved at its end. */
  usable: number
  /** Pages already visited, so that a circular tree ends. */
  seen: Set<number>
  /**
   * Bytes that records may still take: together they are no longer than the file, unless several share a
   * page.
   */
  left: number
}

/**
 * All rows of one table of an SQLite database, their values in the order of the columns, as the file has them: not what
 * is only in a write-ahead log beside it. Only the plain table b-tree is walked (sqlite.org/fileformat2.html), and no
 * SQL of the file is ever run.
 * @throws Unreadable, RangeError
 */
export function* sqliteRows(bytes: Buffer, table: string): Generator<Value[]> {
  if (bytes.toString('latin1', 0, HEADER.length) !== HEADER) throw new Unreadable('it is no SQLite database')
  const written = bytes.readUInt16BE(16)
  const pageSize = written === 1 ? 65536 : written
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0) throw new Unreadable('its pages have no size')
  const usable = pageSize - bytes.readUInt8(20)
  if (usable < 480) throw new Unreadable('its pages have no room')
  const database = { bytes, pageSize, usable, seen: new Set<number>(), left: bytes.length }
  const root = rootOf(database, table)
  if (root === undefined) throw new Unreadable(`it has no table ${table}`)
  database.seen.clear()
  yield* rowsBelow(database, root, 0)
}

/** The schema is the table on the first page: type, name, table, root page and SQL. */
function rootOf(database: Database, table: string): number | undefined {
  for (const [type, name, , root] of rowsBelow(database, 1, 0))
    if (type === 'table' && name === table && typeof root === 'number') return root
  return undefined
}

function* rowsBelow(database: Database, page: number, depth: number): Generator<Value[]> {
  const { bytes, pageSize, seen } = database
  if (depth > DEEPEST || seen.has(page)) throw new Unreadable('its pages go in a circle')
  if (seen.size > MOST_PAGES) throw new Unreadable('it has too many pages')
  seen.add(page)
  const start = startOf(database, page)
  const header = page === 1 ? start + HEADER_BYTES : start
  const type = bytes.readUInt8(header)
  const cells = bytes.readUInt16BE(header + 3)
  if (type !== INTERIOR_TABLE && type !== LEAF_TABLE) throw new Unreadable('a page is of no table')
  const pointers = header + (type === LEAF_TABLE ? 8 : 12)
  for (let i = 0; i < cells; i++) {
    const pointer = bytes.readUInt16BE(pointers + i * 2)
    if (pointer >= pageSize) throw new Unreadable('a cell is outside of its page')
    const at = start + pointer
    if (type === LEAF_TABLE) yield valuesOf(payloadAt(database, at))
    else yield* rowsBelow(database, bytes.readUInt32BE(at), depth + 1)
  }
  if (type === INTERIOR_TABLE) yield* rowsBelow(database, bytes.readUInt32BE(header + 8), depth + 1)
}

function startOf({ bytes, pageSize }: Database, page: number): number {
  const start = (page - 1) * pageSize
  if (page < 1 || start + pageSize > bytes.length) throw new Unreadable('it is cut short')
  return start
}

/** What a cell of a leaf holds: in the page as far as it fits, the rest in a chain of pages (1.6, "Cell payload"). */
function payloadAt(database: Database, at: number): Buffer {
  const { bytes, usable } = database
  const [size, afterSize] = varint(bytes, at)
  const [, start] = varint(bytes, afterSize)
  database.left -= size + LEAST_CELL
  if (database.left < 0) throw new Unreadable('its records are longer than the file')
  const most = usable - 35
  if (size <= most) return bytes.subarray(start, start + size)
  const least = Math.floor(((usable - 12) * 32) / 255) - 23
  const wished = least + ((size - least) % (usable - 4))
  const here = wished <= most ? wished : least
  const parts = [bytes.subarray(start, start + here)]
  let page = bytes.readUInt32BE(start + here)
  for (let left = size - here; left > 0; ) {
    const next = startOf(database, page)
    const count = Math.min(left, usable - 4)
    parts.push(bytes.subarray(next + 4, next + 4 + count))
    left -= count
    page = bytes.readUInt32BE(next)
  }
  return Buffer.concat(parts)
}

/** The values of a record (2.1, "Record format"). */
function valuesOf(record: Buffer): Value[] {
  const [headerSize, first] = varint(record, 0)
  const values: Value[] = []
  let value = headerSize
  for (let at = first; at < headerSize && values.length < 100; ) {
    const [type, next] = varint(record, at)
    const size = sizeOf(type)
    if (value + size > record.length) throw new Unreadable('a value is longer than its record')
    values.push(readValue(record.subarray(value, value + size), type))
    value += size
    at = next
  }
  return values
}

function sizeOf(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2)
  return [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0][type] ?? 0
}

function readValue(bytes: Buffer, type: number): Value {
  if (type >= 12) return type % 2 === 0 ? bytes : bytes.toString('utf8')
  if (type === 8 || type === 9) return type - 8
  if (type >= 1 && type <= 5) return bytes.readIntBE(0, bytes.length)
  if (type === 6) return Number(bytes.readBigInt64BE(0))
  return null
}

/** A number of one to nine bytes, and where the next thing begins (1.6, "varint"). */
function varint(bytes: Buffer, at: number): [value: number, next: number] {
  let value = 0
  for (let i = 0; i < 8; i++) {
    const byte = bytes.readUInt8(at + i)
    value = value * 128 + (byte & 0x7f)
    if ((byte & 0x80) === 0) return [value, at + i + 1]
  }
  return [value * 256 + bytes.readUInt8(at + 8), at + 9]
}
