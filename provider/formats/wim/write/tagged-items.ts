import type { ExtendedAttribute } from '../read/entry.js'
import type { WimSourceEntry } from './source.js'

const TAG_OBJECT_ID = 0x00000001
const TAG_XATTRS = 0x00000002
const TAG_UNIX_DATA = 0x337dd873
const NOTHING = Buffer.alloc(0)

/**
 * What an entry has in addition to its fixed fields, each after its tag; made each time, as most entries have
 * nothing.
 */
export function taggedItems(entry: WimSourceEntry): Buffer {
  const items: Buffer[] = []
  if (entry.objectId) items.push(item(TAG_OBJECT_ID, entry.objectId))
  if (entry.extendedAttributes && entry.extendedAttributes.length > 0)
    items.push(item(TAG_XATTRS, Buffer.concat(entry.extendedAttributes.map(attribute))))
  if (entry.unix) {
    const data = Buffer.allocUnsafe(16)
    const { uid, gid, mode, rdev } = entry.unix
    for (const [i, value] of [uid, gid, mode, rdev].entries()) data.writeUInt32LE(value >>> 0, 4 * i)
    items.push(item(TAG_UNIX_DATA, data))
  }
  const [only = NOTHING] = items
  return items.length < 2 ? only : Buffer.concat(items)
}

/** u32 tag, u32 size, the data, padding. */
function item(tag: number, data: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(8 + align8(data.length)).fill(0)
  bytes.writeUInt32LE(tag, 0)
  bytes.writeUInt32LE(data.length, 4)
  bytes.set(data, 8)
  return bytes
}

/** u16 value size, u8 name size, u8 flags, name, NUL, value. */
function attribute({ name, flags, value }: ExtendedAttribute): Buffer {
  const text = Buffer.from(name, 'utf8')
  const bytes = Buffer.alloc(4 + text.length + 1 + value.length)
  bytes.writeUInt16LE(value.length, 0)
  bytes[2] = text.length
  bytes[3] = flags
  text.copy(bytes, 4)
  value.copy(bytes, 4 + text.length + 1)
  return bytes
}

export function align8(size: number): number {
  return Math.ceil(size / 8) * 8
}
