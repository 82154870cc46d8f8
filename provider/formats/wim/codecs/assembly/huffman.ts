/**
 * Canonical Huffman codes as two flat tables. The root is asked with the next `rootBits` bits; since
 * canonical code words grow in length as they grow in value, all that are longer stand at the end, and
 * one second table, asked with `maxBits` bits less `longBase`, holds them. Entries: symbol << 4 | length - 1.
 */

/** The root entry of code words that are longer than the root's bits. */
export const LONG: u32 = 0xffff

/** The entry of bits that begin no code word: its symbol, 0xfff, is larger than every alphabet. */
const NOTHING: u32 = 0xfff0

const counts = memory.data(17 * 4, 4)
const starts = memory.data(18 * 4, 4)
const sorted = memory.data(1024 * 2, 8)

// @ts-ignore: decorator
@inline
function fill16(at: usize, end: usize, value: u32): void {
  if (end - at >= 8) {
    const four = <u64>value * 0x0001000100010001
    do {
      store<u64>(at, four)
      at += 8
    } while (at + 8 <= end)
  }
  while (at < end) {
    store<u16>(at, value)
    at += 2
  }
}

/** Fills both tables from one length (a byte) a symbol; gives longBase, or -1 where the code holds too many words. */
export function buildFromLengths(
  lengths: usize,
  symbols: u32,
  rootBits: u32,
  maxBits: u32,
  root: usize,
  long: usize,
): i32 {
  memory.fill(counts, 0, 17 * 4)
  for (let i: u32 = 0; i < symbols; i++) {
    const at = counts + (<usize>load<u8>(lengths + i) << 2)
    store<u32>(at, load<u32>(at) + 1)
  }
  if (load<u32>(counts) === symbols) {
    // an alphabet that is not used at all
    fill16(root, root + (2 << rootBits), NOTHING)
    return 0
  }
  let sum: u32 = 0
  store<u32>(counts, 0)
  for (let l: usize = 1; l <= 16; l++) {
    store<u32>(starts + (l << 2), sum)
    sum += load<u32>(counts + (l << 2))
  }
  for (let i: u32 = 0; i < symbols; i++) {
    const l = <usize>load<u8>(lengths + i)
    if (l) {
      const at = load<u32>(starts + (l << 2))
      store<u16>(sorted + (<usize>at << 1), i)
      store<u32>(starts + (l << 2), at + 1)
    }
  }
  return buildFromSorted(sorted, counts, rootBits, maxBits, root, long)
}

/** The same from the symbols (u16) in the order of their code words and the number (u32) of words of each length. */
function buildFromSorted(
  symbols: usize,
  lengthCounts: usize,
  rootBits: u32,
  maxBits: u32,
  root: usize,
  long: usize,
): i32 {
  const deeper = maxBits - rootBits
  const rootEnd = root + (<usize>2 << rootBits)
  let at = symbols
  let next = root
  for (let l: u32 = 1; l <= rootBits; l++) {
    const run = <usize>2 << (rootBits - l)
    let left = load<u32>(lengthCounts + (<usize>l << 2))
    if (next + <usize>left * run > rootEnd) return -1
    for (; left > 0; left--) {
      fill16(next, next + run, (<u32>load<u16>(at) << 4) | (l - 1))
      next += run
      at += 2
    }
  }
  const longBase = <i32>((next - root) >> 1) << deeper
  const longEnd = long + ((rootEnd - next) << deeper)
  let more = long
  for (let l: u32 = rootBits + 1; l <= maxBits; l++) {
    const run = <usize>2 << (maxBits - l)
    let left = load<u32>(lengthCounts + (<usize>l << 2))
    if (more + <usize>left * run > longEnd) return -1
    for (; left > 0; left--) {
      fill16(more, more + run, (<u32>load<u16>(at) << 4) | (l - 1))
      more += run
      at += 2
    }
  }
  const spread = <usize>2 << deeper
  const filled = (more - long + spread - 1) & ~(spread - 1)
  fill16(more, long + filled, NOTHING)
  const afterLong = next + (filled >> deeper)
  fill16(next, afterLong, LONG)
  fill16(afterLong, rootEnd, NOTHING)
  return longBase
}
