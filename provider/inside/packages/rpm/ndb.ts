import { Unreadable } from '../package-reader.js'

/** The marks and sizes of rpm's own database (rpm's lib/backend/ndb/rpmpkg.c). */
const FILE_MARK = 0x506d7052 // "RpmP"
const SLOT_MARK = 0x746f6c53 // "Slot"
const BLOB_MARK = 0x53626c42 // "BlbS"
const PAGE_BYTES = 4096
const SLOT_BYTES = 16
const BLOCK_BYTES = 16
/** The first of these slots are the header of the file. */
const HEADER_SLOTS = 2
const BLOB_HEADER_BYTES = 16
const MOST_SLOTS = 1_000_000

/**
 * The records of an ndb database: pages of slots at the start, each of which says the first block of a record
 * (rpmpkg.c, rpmpkgReadSlots and rpmpkgReadBlob).
 * @throws Unreadable, RangeError
 */
export function* ndbRecords(bytes: Buffer): Generator<Buffer> {
  if (bytes.readUInt32LE(0) !== FILE_MARK) throw new Unreadable('it is no ndb database')
  const pages = bytes.readUInt32LE(12)
  const slots = Math.min(Math.floor((pages * PAGE_BYTES) / SLOT_BYTES), Math.floor(bytes.length / SLOT_BYTES))
  if (slots > MOST_SLOTS) throw new Unreadable('it has too many slots')
  // If several slots named the same record, it would be read once for each.
  let left = bytes.length
  for (let slot = HEADER_SLOTS; slot < slots; slot++) {
    const at = slot * SLOT_BYTES
    if (bytes.readUInt32LE(at) !== SLOT_MARK) throw new Unreadable('a slot has no mark')
    const number = bytes.readUInt32LE(at + 4)
    const block = bytes.readUInt32LE(at + 8)
    // A block of 0 is a slot that is free.
    if (block === 0) continue
    const record = recordAt(bytes, block * BLOCK_BYTES, number)
    left -= record.length + BLOB_HEADER_BYTES
    if (left < 0) throw new Unreadable('its records are longer than the file')
    yield record
  }
}

function recordAt(bytes: Buffer, at: number, number: number): Buffer {
  if (bytes.readUInt32LE(at) !== BLOB_MARK || bytes.readUInt32LE(at + 4) !== number)
    throw new Unreadable('a record is not where its slot says')
  const size = bytes.readUInt32LE(at + 12)
  const start = at + BLOB_HEADER_BYTES
  if (start + size > bytes.length) throw new Unreadable('it is cut short')
  return bytes.subarray(start, start + size)
}
