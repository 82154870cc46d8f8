import { Unreadable } from '../package-reader.js'

/** Places and marks (github.com/msuhanov/regf, "Windows registry file format specification"). */
const BASE_BLOCK_BYTES = 4096
const NO_CELL = 0xffffffff
const KEY = 'nk'
const VALUE = 'vk'
const COMPRESSED_NAME_OF_KEY = 0x20
const COMPRESSED_NAME_OF_VALUE = 1
/** Bounds: keys looked at along a path, values of one key, lists within lists. */
const MOST_STEPS = 100_000
const DEEPEST_LIST = 4
const LONGEST_VALUE = 16 * 1024
const LONGEST_NAME = 512

export type RegistryValue = string | number

/**
 * The texts and numbers among the values of one key of a hive, by their names in lower case.
 * @param path the names of the keys on the way, in any case
 * @returns undefined where the hive has no such key
 * @throws Unreadable, RangeError
 */
export function registryValues(hive: Buffer, path: string[]): Map<string, RegistryValue> | undefined {
  if (hive.toString('latin1', 0, 4) !== 'regf') throw new Unreadable('it is no hive')
  const walk = { hive, steps: 0 }
  let key: Buffer | undefined = cellAt(walk, hive.readUInt32LE(36))
  for (const name of path) {
    key = key && subkeyOf(walk, key, name.toLowerCase())
    if (!key) return undefined
  }
  return valuesOf(walk, key as Buffer)
}

interface Walk {
  hive: Buffer
  steps: number
}

/** A cell begins with its size, which is negative where it is in use. */
function cellAt(walk: Walk, offset: number): Buffer {
  if (++walk.steps > MOST_STEPS) throw new Unreadable('it has too many keys, or they go in a circle')
  const at = BASE_BLOCK_BYTES + offset
  if (offset === NO_CELL || at + 4 > walk.hive.length) throw new Unreadable('it is cut short')
  const size = Math.abs(walk.hive.readInt32LE(at))
  return walk.hive.subarray(at + 4, at + size)
}

function markOf(cell: Buffer): string {
  return cell.toString('latin1', 0, 2)
}

function subkeyOf(walk: Walk, key: Buffer, wanted: string): Buffer | undefined {
  if (markOf(key) !== KEY) throw new Unreadable('a key is none')
  const count = key.readUInt32LE(20)
  if (count === 0) return undefined
  for (const offset of listed(walk, key.readUInt32LE(28), 0)) {
    const subkey = cellAt(walk, offset)
    if (
      markOf(subkey) === KEY &&
      nameOf(subkey, 72, 74 + 2, (subkey.readUInt16LE(2) & COMPRESSED_NAME_OF_KEY) !== 0) === wanted
    )
      return subkey
  }
  return undefined
}

/** Subkeys are listed with (lf, lh) or without (li) a part of their names, or in lists of lists (ri). */
function* listed(walk: Walk, offset: number, depth: number): Generator<number> {
  if (depth > DEEPEST_LIST) throw new Unreadable('its lists of keys go in a circle')
  const list = cellAt(walk, offset)
  const mark = markOf(list)
  const count = list.readUInt16LE(2)
  for (let i = 0; i < count; i++)
    if (mark === 'lf' || mark === 'lh') yield list.readUInt32LE(4 + i * 8)
    else if (mark === 'li') yield list.readUInt32LE(4 + i * 4)
    else if (mark === 'ri') yield* listed(walk, list.readUInt32LE(4 + i * 4), depth + 1)
    else throw new Unreadable('a list of keys is none')
}

function nameOf(cell: Buffer, lengthAt: number, at: number, isCompressed: boolean): string {
  const length = cell.readUInt16LE(lengthAt)
  // Longer than any that is looked for.
  if (length > LONGEST_NAME) return ''
  const end = at + length
  return cell.toString(isCompressed ? 'latin1' : 'utf16le', at, end).toLowerCase()
}

function valuesOf(walk: Walk, key: Buffer): Map<string, RegistryValue> {
  if (markOf(key) !== KEY) throw new Unreadable('a key is none')
  const values = new Map<string, RegistryValue>()
  const count = key.readUInt32LE(36)
  if (count === 0) return values
  const list = cellAt(walk, key.readUInt32LE(40))
  for (let i = 0; i < count && i * 4 + 4 <= list.length; i++) {
    const value = cellAt(walk, list.readUInt32LE(i * 4))
    if (markOf(value) !== VALUE) continue
    const read = readValue(walk, value)
    if (read !== undefined)
      values.set(nameOf(value, 2, 20, (value.readUInt16LE(16) & COMPRESSED_NAME_OF_VALUE) !== 0), read)
  }
  return values
}

const REG_SZ = 1
const REG_EXPAND_SZ = 2
const REG_DWORD = 4
/** If the highest bit of a size is set, the data, at most four bytes, takes the place of its offset. */
const IN_PLACE = 0x80000000

function readValue(walk: Walk, value: Buffer): RegistryValue | undefined {
  const size = value.readUInt32LE(4)
  const type = value.readUInt32LE(12)
  if (type !== REG_SZ && type !== REG_EXPAND_SZ && type !== REG_DWORD) return undefined
  const length = (size & ~IN_PLACE) >>> 0
  if (length > LONGEST_VALUE) return undefined
  const data =
    (size & IN_PLACE) === 0
      ? cellAt(walk, value.readUInt32LE(8)).subarray(0, length)
      : value.subarray(8, 8 + Math.min(length, 4))
  if (type === REG_DWORD) return data.length === 4 ? data.readUInt32LE(0) : undefined
  return data.toString('utf16le').replace(/\0.*$/s, '')
}
