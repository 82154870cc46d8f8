import { damaged, type Place } from '../read/damage.js'

/** [MS-FSCC] 2.1.2.1. */
export const TAG_SYMLINK = 0xa000000c
export const TAG_JUNCTION = 0xa0000003

/**
 * The target of a symlink or junction, as its print name or else its substitute name says it, in the spelling
 * of Windows ([MS-FSCC] 2.1.2.4 and 2.1.2.5). The buffer has lost its first eight bytes, as in a WIM.
 * @throws ARCHIVE_INVALID if a name is outside the buffer
 */
export function linkTarget(tag: number, buffer: Buffer, place: Place): string {
  const names = tag === TAG_SYMLINK ? 12 : 8
  if (buffer.length < names) throw damaged(place, `its reparse buffer has only ${buffer.length} bytes`)
  const substitute = nameIn(buffer, names, 0, place)
  const print = nameIn(buffer, names, 4, place)
  return print === '' ? withoutNtPrefix(substitute) : print
}

function nameIn(buffer: Buffer, names: number, field: number, place: Place): string {
  const start = names + buffer.readUInt16LE(field)
  const end = start + buffer.readUInt16LE(field + 2)
  if (end > buffer.length)
    throw damaged(place, `its target should stand at ${start} to ${end} of ${buffer.length} bytes`)
  return buffer.toString('utf16le', start, end).replace(/\0+$/, '')
}

/** `\??\C:\Users` as `C:\Users`, `\??\UNC\host` as `\\host`, other devices as `\\?\`. */
function withoutNtPrefix(name: string): string {
  if (!name.startsWith('\\??\\')) return name
  const rest = name.slice(4)
  if (/^[A-Za-z]:/.test(rest)) return rest
  return /^UNC\\/i.test(rest) ? `\\\\${rest.slice(4)}` : `\\\\?\\${rest}`
}

/** Of the flags of a symlink ([MS-FSCC] 2.1.2.4). */
const RELATIVE = 1

/**
 * The target of a symlink that wimlib captured on Linux, as it was there: slashes and backslashes have been
 * swapped, and an absolute target has C: before it. A relative one may happen to begin like that, too.
 * @throws ARCHIVE_INVALID as linkTarget
 */
export function unixTarget(tag: number, buffer: Buffer, place: Place): string {
  const shown = linkTarget(tag, buffer, place)
  const isRelative = tag === TAG_SYMLINK && (buffer.readUInt32LE(8) & RELATIVE) !== 0
  const target = isRelative ? shown : shown.replace(/^[A-Za-z]:/, '')
  return target.replace(/[\\/]/g, (sign) => (sign === '/' ? '\\' : '/'))
}
