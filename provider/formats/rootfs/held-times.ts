import { impossible } from '../../../manifests/index.js'
import { isPaxTime } from '../../archives/layers/unread-numbers.js'
import { paxRecords } from '../../archives/members/pax-records.js'
import {
  NUMBER_FIELDS,
  padded,
  parseTarHeader,
  withSize,
  withTime,
} from '../../archives/members/tar-header.js'

/** The end of the year 9999: the latest time that an image's documents can express. */
export const LAST_SECOND = 253_402_300_799

/** What comes before the bytes of a member. */
export interface MemberBlocks {
  /** Headers of long names and pax records, with their bytes. */
  extensions: Uint8Array[]
  header: Uint8Array
  /** Of a sparse file: where its map goes on. */
  map: Uint8Array[]
}

/** The blocks before a member, with its times brought into the range that engines can read. */
export function withTimesHeld(blocks: Uint8Array[]): MemberBlocks {
  const extensions: Uint8Array[] = []
  let at = 0
  for (let header = parsed(blocks[at]); 'xgLK'.includes(header.type); header = parsed(blocks[at])) {
    const [block = EMPTY, bytes = EMPTY] = blocks.slice(at, at + 2)
    const held = header.type === 'x' ? heldRecords(bytes) : bytes
    const filling = Buffer.alloc(padded(held.length) - held.length)
    extensions.push(held === bytes ? block : withSize(block, held.length), held, filling)
    at += header.size % 512 === 0 ? 2 : 3
  }
  const header = blocks[at] ?? EMPTY
  const isHeld = !parsed(header).unread.includes('mtime')
  return {
    extensions,
    header: isHeld ? header : withTime(header, nearest(header)),
    map: blocks.slice(at + 1),
  }
}

const EMPTY = Buffer.alloc(0)

function parsed(block: Uint8Array | undefined): NonNullable<ReturnType<typeof parseTarHeader>> {
  const header = block && parseTarHeader(block)
  if (!header) impossible('A member without its header.')
  return header
}

/** The last second where it is too large; what is below zero, or no number, becomes the first. */
function nearest(header: Uint8Array): number {
  const first = header[NUMBER_FIELDS.mtime[0]] ?? 0
  return first & 0x80 && !(first & 0x40) ? LAST_SECOND : 0
}

/**
 * Records as they are, except for times out of range. A time that is not a number at all is left out: the
 * header has one.
 */
function heldRecords(bytes: Uint8Array): Uint8Array {
  const records = paxRecords(Buffer.from(bytes))
  let isOther = false
  for (const key of ['mtime', 'atime', 'ctime']) {
    const said = records.get(key)?.toString('latin1')
    if (said === undefined || isPaxTime(said)) continue
    isOther = true
    if (/^[+-]?\d+(\.\d*)?$/.test(said))
      records.set(key, Buffer.from(said.startsWith('-') ? '0' : `${LAST_SECOND}`))
    else records.delete(key)
  }
  return isOther ? Buffer.concat([...records].map(([key, value]) => record(key, value))) : bytes
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function record(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')])
  let length = rest.length + 1
  while (rest.length + String(length).length !== length) length++
  return Buffer.concat([Buffer.from(String(length)), rest])
}
