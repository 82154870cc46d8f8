// Prefix codes of deflate (RFC 1951, 3.2.2), for both directions.

/** How many bits the first lookup in a table takes. */
export const LITERAL_ROOT: u32 = 11
export const DISTANCE_ROOT: u32 = 9

// An entry of a decoding table: its low byte is the number of bits that it takes together with its extra bits; then
// come its kind and its value.
export const LITERAL: u32 = 0x8000
export const END: u32 = 0x4000
export const SUBTABLE: u32 = 0x2000
export const NO_CODE: u32 = 0x1000
/** For a length or distance: the number of extra bits, in four bits. */
export const EXTRA_SHIFT: u32 = 8

/** The lengths of the codes of one block: 288 for literals and lengths, then 32 for distances. */
export const lengths: usize = memory.data(320)
const codeLengths: usize = memory.data(19)
const codeTable: usize = memory.data(128 * 4)
const counts: usize = memory.data(16 * 4)
const nextCodes: usize = memory.data(16 * 4)
/** The order in which the lengths of the code of codes are stored (RFC 1951, 3.2.7). */
const ORDER = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15])
const LENGTH_BASES = memory.data<u16>([
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
])
const LENGTH_EXTRA = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
])

export function lengthBase(code: u32): u32 {
  return load<u16>(LENGTH_BASES + ((code as usize) << 1)) as u32
}

export function lengthExtra(code: u32): u32 {
  return load<u8>(LENGTH_EXTRA + (code as usize)) as u32
}

/** For distance codes from 0 to 29. */
export function distanceExtra(code: u32): u32 {
  return code < 4 ? 0 : (code >> 1) - 1
}

export function distanceBase(code: u32): u32 {
  return code < 4 ? code + 1 : ((2 + (code & 1)) << distanceExtra(code)) + 1
}

/** The lengths of the fixed codes (RFC 1951, 3.2.6). */
export function fixedLengths(): void {
  memory.fill(lengths, 8, 144)
  memory.fill(lengths + 144, 9, 112)
  memory.fill(lengths + 256, 7, 24)
  memory.fill(lengths + 280, 8, 8)
  memory.fill(lengths + 288, 5, 32)
}

/** Where the head of the block ended that `readLengths` read last, in bits. */
export let endOfHead: usize = 0

// @ts-ignore: decorator
@inline
function bitsAt(at: usize, position: usize): u32 {
  return load<u32>(at + (position >> 3)) >>> ((position & 7) as u32)
}

/**
 * The lengths that the head of a dynamic block gives (RFC 1951, 3.2.7).
 * @param at where position 0 is; 600 bytes from the position on must be readable
 */
export function readLengths(at: usize, position: usize): bool {
  const numbers = bitsAt(at, position)
  const literalCount = (numbers & 31) + 257
  const distanceCount = ((numbers >>> 5) & 31) + 1
  const given = ((numbers >>> 10) & 15) + 4
  if (literalCount > 286 || distanceCount > 30) return false
  position += 14
  memory.fill(codeLengths, 0, 19)
  for (let i: u32 = 0; i < given; i++, position += 3)
    store<u8>(codeLengths + (load<u8>(ORDER + (i as usize)) as usize), (bitsAt(at, position) & 7) as u8)
  if (!makeCodes(codeLengths, 19, codeTable)) return false
  return readRuns(at, position, literalCount, distanceCount)
}

function readRuns(at: usize, position: usize, literalCount: u32, distanceCount: u32): bool {
  const total = literalCount + distanceCount
  memory.fill(lengths, 0, 320)
  let previous: u32 = 0
  for (let i: u32 = 0; i < total; ) {
    const symbol = codeAt(at, position)
    if (symbol == NO_CODE) return false
    position += load<u8>(codeLengths + (symbol as usize)) as usize
    let repeat: u32 = 1
    const extra = bitsAt(at, position)
    if (symbol < 16) previous = symbol
    else if (symbol == 16) {
      if (i == 0) return false
      repeat = 3 + (extra & 3)
      position += 2
    } else {
      previous = 0
      repeat = symbol == 17 ? 3 + (extra & 7) : 11 + (extra & 127)
      position += symbol == 17 ? 3 : 7
    }
    if (i + repeat > total) return false
    for (; repeat > 0; repeat--, i++)
      store<u8>(lengths + ((i < literalCount ? i : i - literalCount + 288) as usize), previous as u8)
  }
  endOfHead = position
  // A block without an end code has no end (zlib refuses it, too).
  return load<u8>(lengths + 256) != 0
}

/** The symbol of the code of codes at this place; it has few codes, so they are compared one by one. */
function codeAt(at: usize, position: usize): u32 {
  const bits = bitsAt(at, position)
  for (let symbol: u32 = 0; symbol < 19; symbol++) {
    const length = load<u8>(codeLengths + (symbol as usize)) as u32
    if (length != 0 && (bits & ((1 << length) - 1)) == load<u32>(codeTable + ((symbol as usize) << 2)))
      return symbol
  }
  return NO_CODE
}

/**
 * The codes for some lengths, with their bits reversed as they are in the stream.
 * @param codes 32 bits each
 */
export function makeCodes(from: usize, count: u32, codes: usize): bool {
  memory.fill(counts, 0, 64)
  for (let i: u32 = 0; i < count; i++) {
    const at = counts + ((load<u8>(from + (i as usize)) as usize) << 2)
    store<u32>(at, load<u32>(at) + 1)
  }
  store<u32>(counts, 0)
  let code: u32 = 0
  for (let length: u32 = 1; length < 16; length++) {
    code = (code + load<u32>(counts + (((length - 1) as usize) << 2))) << 1
    // There are more codes than there is room for: none of them may be written to a table.
    if (code + load<u32>(counts + ((length as usize) << 2)) > (1 << length)) return false
    store<u32>(nextCodes + ((length as usize) << 2), code)
  }
  for (let i: u32 = 0; i < count; i++) {
    const length = load<u8>(from + (i as usize)) as u32
    if (length == 0) continue
    const at = nextCodes + ((length as usize) << 2)
    const next = load<u32>(at)
    store<u32>(at, next + 1)
    store<u32>(codes + ((i as usize) << 2), reversed(next, length))
  }
  return true
}

function reversed(code: u32, length: u32): u32 {
  let result: u32 = 0
  for (; length > 0; length--, code >>= 1) result = (result << 1) | (code & 1)
  return result
}

const codes: usize = memory.data(288 * 4)

/**
 * A table for decoding: a first lookup with `root` bits, then one in a table after it.
 * @param isDistance what the symbols mean
 */
export function makeTable(from: usize, count: u32, root: u32, table: usize, isDistance: bool): bool {
  if (!makeCodes(from, count, codes)) return false
  let longest: u32 = 0
  for (let i: u32 = 0; i < count; i++) longest = max(longest, load<u8>(from + (i as usize)) as u32)
  const below = longest > root ? longest - root : 0
  let end: u32 = 1 << root
  for (let i: u32 = 0; i < end; i++) store<u32>(table + ((i as usize) << 2), NO_CODE | 1)
  for (let i: u32 = 0; i < count; i++) {
    const length = load<u8>(from + (i as usize)) as u32
    if (length == 0) continue
    const code = load<u32>(codes + ((i as usize) << 2))
    const value = isDistance ? distanceEntry(i) : literalEntry(i)
    const entry = value | (length + ((value >>> EXTRA_SHIFT) & 15))
    if (length <= root) {
      fill(table, entry, code, 1 << length, 1 << root)
      continue
    }
    const first = table + (((code & ((1 << root) - 1)) as usize) << 2)
    let link = load<u32>(first)
    if ((link & SUBTABLE) == 0) {
      link = (end << 16) | SUBTABLE | (below << EXTRA_SHIFT)
      store<u32>(first, link)
      for (let k: u32 = 0; k < (1 << below); k++) store<u32>(table + (((end + k) as usize) << 2), NO_CODE | 1)
      end += 1 << below
    }
    fill(table + (((link >>> 16) as usize) << 2), entry, code >>> root, 1 << (length - root), 1 << below)
  }
  return true
}

function fill(table: usize, entry: u32, from: u32, step: u32, end: u32): void {
  for (let i = from; i < end; i += step) store<u32>(table + ((i as usize) << 2), entry)
}

function literalEntry(symbol: u32): u32 {
  if (symbol < 256) return (symbol << 16) | LITERAL
  if (symbol == 256) return END
  // Two symbols of the fixed code have no meaning.
  if (symbol > 285) return NO_CODE
  return (lengthBase(symbol - 257) << 16) | (lengthExtra(symbol - 257) << EXTRA_SHIFT)
}

function distanceEntry(symbol: u32): u32 {
  if (symbol > 29) return NO_CODE
  return (distanceBase(symbol) << 16) | (distanceExtra(symbol) << EXTRA_SHIFT)
}
