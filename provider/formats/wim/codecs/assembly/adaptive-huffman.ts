import { buildFromLengths } from './huffman'

/**
 * The adaptive Huffman codes of LZMS: every symbol counts itself, and after so many symbols the code is
 * built anew from the counts, which are then halved.
 */

export const MAX_BITS: u32 = 15
export const MAX_SYMBOLS: u32 = 799

const sorted = memory.data(800 * 4, 8)
const half = memory.data(800 * 4, 8)
const digits = memory.data(64 * 4, 8)
const weights = memory.data(800 * 4, 8)
const parents = memory.data(800 * 2, 8)
const depths = memory.data(800 * 2, 8)
const lengthCounts = memory.data(20 * 4, 8)
const lengths = memory.data(800, 8)

/** Sets every count to one, as at the start of a chunk. */
export function resetCounts(counts: usize, symbols: u32): void {
  for (let i: usize = 0; i < <usize>symbols; i++) store<u32>(counts + (i << 2), 1)
}

/** Builds the code of the counts (u32 each) and halves them; gives longBase of its tables. */
export function rebuild(counts: usize, symbols: u32, rootBits: u32, root: usize, long: usize): i32 {
  if (symbols === 1) {
    store<u8>(lengths, 1)
  } else {
    sortByCount(counts, symbols)
    countLengths(symbols)
    spreadLengths(symbols)
  }
  for (let i: usize = 0; i < <usize>symbols; i++) {
    const at = counts + (i << 2)
    store<u32>(at, (load<u32>(at) >> 1) + 1)
  }
  return buildFromLengths(lengths, symbols, rootBits, MAX_BITS, root, long)
}

/** Radix sort on twelve bits: halved at each rebuild, no count reaches 4096. */
function sortByCount(counts: usize, symbols: u32): void {
  memory.fill(digits, 0, 256)
  for (let i: usize = 0; i < <usize>symbols; i++) {
    const digit = digits + ((<usize>load<u32>(counts + (i << 2)) & 63) << 2)
    store<u32>(digit, load<u32>(digit) + 1)
  }
  sumDigits()
  for (let i: usize = 0; i < <usize>symbols; i++) {
    const count = load<u32>(counts + (i << 2))
    const digit = digits + ((<usize>count & 63) << 2)
    const to = load<u32>(digit)
    store<u32>(digit, to + 1)
    store<u32>(half + (<usize>to << 2), (count << 10) | <u32>i)
  }
  memory.fill(digits, 0, 256)
  for (let i: usize = 0; i < <usize>symbols; i++) {
    const digit = digits + (<usize>((load<u32>(half + (i << 2)) >> 16) & 63) << 2)
    store<u32>(digit, load<u32>(digit) + 1)
  }
  sumDigits()
  for (let i: usize = 0; i < <usize>symbols; i++) {
    const key = load<u32>(half + (i << 2))
    const digit = digits + (<usize>((key >> 16) & 63) << 2)
    const to = load<u32>(digit)
    store<u32>(digit, to + 1)
    store<u32>(sorted + (<usize>to << 2), key)
  }
}

function sumDigits(): void {
  let sum: u32 = 0
  for (let d: usize = 0; d < 256; d += 4) {
    const count = load<u32>(digits + d)
    store<u32>(digits + d, sum)
    sum += count
  }
}

/** Joins the two lightest nodes until one is left; of a leaf and a node of the same weight the leaf is taken. */
function countLengths(symbols: u32): void {
  let leaf: u32 = 0
  let node: u32 = 0
  const last = symbols - 1
  for (let made: u32 = 0; made < last; made++) {
    let weight: u32 = 0
    for (let twice = 0; twice < 2; twice++) {
      if (
        leaf < symbols &&
        (node >= made || load<u32>(sorted + (<usize>leaf << 2)) >> 10 <= load<u32>(weights + (<usize>node << 2)))
      ) {
        weight += load<u32>(sorted + (<usize>leaf << 2)) >> 10
        leaf++
      } else {
        weight += load<u32>(weights + (<usize>node << 2))
        store<u16>(parents + (<usize>node << 1), made)
        node++
      }
    }
    store<u32>(weights + (<usize>made << 2), weight)
  }
  // From the root down, each inner node takes the place of one leaf and gives two, one deeper; at the
  // limit it takes the place of the deepest leaf that may still grow.
  memory.fill(lengthCounts, 0, 80)
  store<u32>(lengthCounts, 2, 4)
  store<u16>(depths + (<usize>(last - 1) << 1), 0)
  for (let i = <i32>last - 2; i >= 0; i--) {
    const parent = <usize>load<u16>(parents + (<usize>i << 1))
    const depth = <u32>load<u16>(depths + (parent << 1)) + 1
    store<u16>(depths + (<usize>i << 1), depth)
    let length = depth
    if (length >= MAX_BITS) {
      length = MAX_BITS - 1
      while (load<u32>(lengthCounts + (<usize>length << 2)) === 0) length--
    }
    const at = lengthCounts + (<usize>length << 2)
    store<u32>(at, load<u32>(at) - 1)
    store<u32>(at, load<u32>(at, 4) + 2, 4)
  }
}

/** The rarest symbols get the longest code words. */
function spreadLengths(symbols: u32): void {
  let at = sorted
  for (let length = MAX_BITS; length > 0; length--) {
    for (let left = load<u32>(lengthCounts + (<usize>length << 2)); left > 0; left--) {
      store<u8>(lengths + (<usize>load<u32>(at) & 1023), length)
      at += 4
    }
  }
}
