import { exactText } from './exact-text.js'

/**
 * All records of a pax header whose form has been checked: `<length> <key>=<value>\n`. Values are bytes, as an
 * extended attribute may be; of two records with the same key the last counts, as in POSIX.
 */
export function paxRecords(bytes: Buffer): Map<string, Buffer> {
  const records = new Map<string, Buffer>()
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const blank = bytes.indexOf(0x20, at)
    const length = Number(bytes.toString('latin1', at, blank))
    const equals = bytes.indexOf(0x3d, blank)
    records.set(exactText(bytes.subarray(blank + 1, equals)), bytes.subarray(equals + 1, at + length - 1))
    at += length
  }
  return records
}
