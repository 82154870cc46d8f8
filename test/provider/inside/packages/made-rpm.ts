/** A package of rpm, as a test wants it. */
export interface MadeRpm {
  name: string
  version: string
  release: string
  epoch?: number
  licence?: string
  architecture?: string
  sourceRpm?: string
  files?: string[]
  /** One folder for all of them, whose names then have none. */
  folder?: string
}

const INT32 = 4
const STRING = 6
const STRING_ARRAY = 8

/** The header of a package as rpm's databases have it (rpm.org's manual, "Header format"). */
export function rpmHeaderBlob(made: MadeRpm): Buffer {
  const {
    name,
    version,
    release,
    epoch,
    licence = 'MIT',
    architecture = 'noarch',
    sourceRpm = '',
    files,
    folder,
  } = made
  const values: [tag: number, type: number, count: number, bytes: Buffer][] = []
  const text = (tag: number, value: string): unknown =>
    values.push([tag, STRING, 1, Buffer.from(`${value}\0`)])
  const numbers = (tag: number, list: number[]): unknown => {
    const bytes = Buffer.alloc(list.length * 4)
    for (const [i, value] of list.entries()) bytes.writeUInt32BE(value, i * 4)
    return values.push([tag, INT32, list.length, bytes])
  }
  const texts = (tag: number, list: string[]): unknown =>
    values.push([tag, STRING_ARRAY, list.length, Buffer.from(list.map((one) => `${one}\0`).join(''))])
  text(1000, name)
  text(1001, version)
  text(1002, release)
  if (epoch !== undefined) numbers(1003, [epoch])
  text(1014, licence)
  text(1022, architecture)
  if (sourceRpm) text(1044, sourceRpm)
  if (files) {
    numbers(
      1116,
      files.map((_, i) => (folder === undefined ? i : 0)),
    )
    texts(
      1117,
      files.map((file) => file.slice(file.lastIndexOf('/') + 1)),
    )
    texts(
      1118,
      folder === undefined ? files.map((file) => file.slice(0, file.lastIndexOf('/') + 1)) : [folder],
    )
  }
  return laidOut(values)
}

function laidOut(values: [tag: number, type: number, count: number, bytes: Buffer][]): Buffer {
  const index = Buffer.alloc(8 + values.length * 16)
  const data: Buffer[] = []
  let size = 0
  for (const [i, [tag, type, count, bytes]] of values.entries()) {
    if (type === INT32 && size % 4 !== 0) {
      data.push(Buffer.alloc(4 - (size % 4)))
      size += 4 - (size % 4)
    }
    for (const [at, value] of [tag, type, size, count].entries())
      index.writeUInt32BE(value, 8 + i * 16 + at * 4)
    data.push(bytes)
    size += bytes.length
  }
  index.writeUInt32BE(values.length, 0)
  index.writeUInt32BE(size, 4)
  return Buffer.concat([index, ...data])
}

const PAGE_BYTES = 4096
const BLOCK_BYTES = 16

/** An ndb database: one page of slots, and the records behind it (rpm's lib/backend/ndb/rpmpkg.c). */
export function ndbDatabase(blobs: Buffer[]): Buffer {
  const slots = Buffer.alloc(PAGE_BYTES)
  slots.write('RpmP', 0, 'latin1')
  slots.writeUInt32LE(1, 12)
  for (let at = 32; at < PAGE_BYTES; at += 16) slots.write('Slot', at, 'latin1')
  const records: Buffer[] = []
  let block = PAGE_BYTES / BLOCK_BYTES
  for (const [i, blob] of blobs.entries()) {
    const head = Buffer.alloc(16)
    head.write('BlbS', 0, 'latin1')
    head.writeUInt32LE(i + 1, 4)
    head.writeUInt32LE(blob.length, 12)
    // A sum, the length and a mark end a record.
    const tail = Buffer.alloc(12)
    const blocks = Math.ceil((head.length + blob.length + tail.length) / BLOCK_BYTES)
    const record = Buffer.concat([head, blob], blocks * BLOCK_BYTES)
    record.write('BlbE', record.length - 4, 'latin1')
    slots.writeUInt32LE(i + 1, 32 + i * 16 + 4)
    slots.writeUInt32LE(block, 32 + i * 16 + 8)
    slots.writeUInt32LE(blocks, 32 + i * 16 + 12)
    records.push(record)
    block += blocks
  }
  return Buffer.concat([slots, ...records])
}

const HASH_PAGE = 13
const OVERFLOW_PAGE = 7
const ROOM = PAGE_BYTES - 26

/** A hash database of Berkeley DB of one page of entries, each value in pages of its own. */
export function berkeleyDatabase(blobs: Buffer[]): Buffer {
  const meta = Buffer.alloc(PAGE_BYTES)
  meta.writeUInt32LE(0x061561, 12)
  meta.writeUInt32LE(PAGE_BYTES, 20)
  const entries = Buffer.alloc(PAGE_BYTES)
  entries[25] = HASH_PAGE
  const overflow: Buffer[] = []
  let end = PAGE_BYTES
  const put = (bytes: Buffer, i: number): void => {
    end -= bytes.length
    entries.set(bytes, end)
    entries.writeUInt16LE(end, 26 + i * 2)
  }
  for (const [i, blob] of blobs.entries()) {
    put(Buffer.from([1, i + 1, 0, 0, 0]), i * 2)
    const value = Buffer.alloc(12)
    value[0] = 3
    value.writeUInt32LE(2 + overflow.length, 4)
    value.writeUInt32LE(blob.length, 8)
    put(value, i * 2 + 1)
    for (let at = 0; at < blob.length; at += ROOM) {
      const page = Buffer.alloc(PAGE_BYTES)
      const part = blob.subarray(at, at + ROOM)
      page[25] = OVERFLOW_PAGE
      page.writeUInt32LE(at + ROOM < blob.length ? 3 + overflow.length : 0, 16)
      page.writeUInt16LE(part.length, 22)
      page.set(part, 26)
      overflow.push(page)
    }
  }
  entries.writeUInt16LE(blobs.length * 2, 20)
  return Buffer.concat([meta, entries, ...overflow])
}
