import { buildLengths, buildWords } from './huffman-lengths'
import { bitLength, matchLength } from './match'

const SYMBOLS: u32 = 512
const MAX_BITS: u32 = 15
/** Ends each chunk; WIMGAPI needs it. */
const END_SYMBOL: usize = 256
const TABLE_SIZE: usize = 256

const MAX_CHUNK: usize = 65536
const MAX_HASH_BITS: u32 = 15
const SHORT_HASH_BITS: u32 = 12
const MULTIPLIER: u32 = 0x9e3779b1

/** Positions are stored plus one, so that 0 says that there is none. */
const heads = memory.data(2 << 15, 16)
const shortHeads = memory.data(2 << 12, 16)
const previous = memory.data(2 << 16, 16)
/** Literals as they are; matches as offset << 16 | length - 3. */
const items = memory.data(4 * (65536 + 1), 16)
const frequencies = memory.data(512 * 4, 16)
const lengths = memory.data(512, 16)
const words = memory.data(512 * 4, 16)

/** Beyond this offset three bytes cost more as a match than as literals. */
const SHORT_LIMIT: usize = 2048

let hashShift: u32 = 0
/** What the lengths of long matches take in addition to the bits. */
let longBytes: usize = 0

/**
 * Looks for a match longer than `best` and remembers the place. Gives length << 32 | offset; the length is
 * `best`, and no offset, where there is none.
 */
// @ts-ignore: decorator
@inline
function find(input: usize, at: usize, end: usize, best: usize, depth: u32, nice: usize): u64 {
  let found = <u64>best << 32
  if (at + 4 > end) return found
  const here = load<u32>(at)
  const place = at - input
  const head = heads + (<usize>((here * MULTIPLIER) >> hashShift) << 1)
  const shortHead = shortHeads + (<usize>(((here << 8) * MULTIPLIER) >> (32 - SHORT_HASH_BITS)) << 1)
  let next = <usize>load<u16>(head)
  const near = <usize>load<u16>(shortHead)
  store<u16>(head, <u16>(place + 1))
  store<u16>(shortHead, <u16>(place + 1))
  store<u16>(previous + (place << 1), <u16>next)
  const limit = min<usize>(end - at, 65535 + 3)
  if (best < 3) {
    if (near !== 0) {
      const from = input + near - 1
      if (((load<u32>(from) ^ here) & 0xffffff) === 0 && at - from <= SHORT_LIMIT) found = (3 << 32) | <u64>(at - from)
    }
    best = 3
  }
  // The last bytes of what would be longer differ most often.
  let tail = best - 3
  let wanted = load<u32>(at + tail)
  const base = input - 1
  const chain = previous - 2
  for (; next !== 0 && depth > 0; depth--) {
    const from = base + next
    if (load<u32>(from + tail) === wanted && load<u32>(from) === here) {
      const length = matchLength(at, from, 4, limit)
      if (length > best) {
        best = length
        found = (<u64>length << 32) | <u64>(at - from)
        if (length >= nice || length >= limit) return found
        tail = best - 3
        wanted = load<u32>(at + tail)
      }
    }
    next = <usize>load<u16>(chain + (next << 1))
  }
  return found
}

/** Remembers places that a match covers. */
// @ts-ignore: decorator
@inline
function remember(input: usize, from: usize, to: usize): void {
  for (let at = from; at < to; at++) {
    const here = load<u32>(at)
    const place = at - input
    const head = heads + (<usize>((here * MULTIPLIER) >> hashShift) << 1)
    const shortHead = shortHeads + (<usize>(((here << 8) * MULTIPLIER) >> (32 - SHORT_HASH_BITS)) << 1)
    store<u16>(previous + (place << 1), load<u16>(head))
    store<u16>(head, <u16>(place + 1))
    store<u16>(shortHead, <u16>(place + 1))
  }
}

// @ts-ignore: decorator
@inline
function count(symbol: usize): void {
  const at = frequencies + (symbol << 2)
  store<u32>(at, load<u32>(at) + 1)
}

/** Cuts the chunk into literals and matches, counts their symbols, and gives the end of the items. */
function parse(input: usize, size: usize, depth: u32, nice: usize): usize {
  // A small chunk needs no large table, and clearing that would take longer than all else.
  const hashBits = min<u32>(MAX_HASH_BITS, max<u32>(10, bitLength(<u32>size) + 1))
  hashShift = 32 - hashBits
  memory.fill(heads, 0, 2 << hashBits)
  memory.fill(shortHeads, 0, 2 << SHORT_HASH_BITS)
  memory.fill(frequencies, 0, SYMBOLS << 2)
  longBytes = 0
  const end = input + size
  const lastPlace = end - 3
  let item = items
  let at = input
  while (at < end) {
    const found = find(input, at, end, 2, depth, nice)
    let length = <usize>(found >> 32)
    if (length < 3) {
      const literal = load<u8>(at)
      store<u32>(item, literal)
      count(literal)
      item += 4
      at++
      continue
    }
    let offset = <u32>found
    // A better match at the next byte is worth a literal; how much better, its offset's bits say too.
    while (length < nice && at + 1 < end) {
      const better = find(input, at + 1, end, max<usize>(length - 1, 2), depth >> 1, nice)
      const nextOffset = <u32>better
      if (nextOffset === 0) break
      const nextLength = <usize>(better >> 32)
      const gain = (<i32>nextLength - <i32>length) * 4 + <i32>bitLength(offset) - <i32>bitLength(nextOffset)
      if (gain <= 2) break
      const literal = load<u8>(at)
      store<u32>(item, literal)
      count(literal)
      item += 4
      at++
      length = nextLength
      offset = nextOffset
    }
    store<u32>(item, (offset << 16) | <u32>(length - 3))
    count(256 + (<usize>bitLength(offset) << 4) + min<usize>(length - 3, 15))
    if (length >= 18) longBytes += length >= 273 ? 3 : 1
    item += 4
    const next = at + length
    // The place after the first was remembered when it was looked at, unless the match was long enough.
    remember(input, at + 1 + usize(length < nice), min<usize>(next, lastPlace))
    at = next
  }
  return item
}

/** How many bytes the chunk takes; its bits are counted before they are written. */
function encodedSize(): usize {
  let bits: u64 = 0
  for (let symbol: usize = 0; symbol < SYMBOLS; symbol++) {
    const extra: u64 = symbol < 256 ? 0 : (symbol >> 4) & 15
    bits += <u64>load<u32>(frequencies + (symbol << 2)) * (load<u8>(lengths + symbol) + extra)
  }
  return TABLE_SIZE + ((<usize>(bits + 15) >> 4) << 1) + 2 + longBytes
}

// The bit writer: words go to places that are reserved two ahead, between bytes of lengths.
let buffer: u64 = 0
let bits: u32 = 0
let word1: usize = 0
let word2: usize = 0
let byteAt: usize = 0

// @ts-ignore: decorator
@inline
function put(value: u32, n: u32): void {
  buffer = (buffer << n) | value
  bits += n
  // Whether a word is full is as good as random, and a branch misprediction takes longer than all of this.
  // Anything written too early is written again.
  const isFull = bits > 16
  store<u16>(word1, <u16>(buffer >> ((bits - 16) & 63)))
  word1 = isFull ? word2 : word1
  word2 = isFull ? byteAt : word2
  byteAt += usize(isFull) << 1
  bits -= u32(isFull) << 4
}

function writeItems(itemsEnd: usize, output: usize): usize {
  for (let i: usize = 0; i < 256; i++)
    store<u8>(output + i, load<u8>(lengths + 2 * i) | (load<u8>(lengths + 2 * i, 1) << 4))
  word1 = output + TABLE_SIZE
  word2 = word1 + 2
  byteAt = word1 + 4
  buffer = 0
  bits = 0
  for (let item = items; item < itemsEnd; item += 4) {
    const value = load<u32>(item)
    if (value < 256) {
      const word = load<u32>(words + (<usize>value << 2))
      put(word >> 5, word & 31)
      continue
    }
    const length = value & 0xffff
    const offset = value >> 16
    const power = bitLength(offset)
    const word = load<u32>(words + (<usize>(256 + (power << 4) + min<u32>(length, 15)) << 2))
    put(word >> 5, word & 31)
    if (length >= 15) {
      if (length - 15 < 255) store<u8>(byteAt++, <u8>(length - 15))
      else {
        store<u8>(byteAt, 255)
        store<u16>(byteAt, <u16>length, 1)
        byteAt += 3
      }
    }
    put(offset ^ (1 << power), power)
  }
  const word = load<u32>(words + (END_SYMBOL << 2))
  put(word >> 5, word & 31)
  store<u16>(word1, <u16>(buffer << (16 - bits)))
  store<u16>(word2, 0)
  return byteAt - output
}

/**
 * Compresses one chunk of at most 64 KiB ([MS-XCA] 2.1: LZ77 + Huffman). Gives its size, or 0 where it
 * would not become smaller: then nothing was written. Reads up to 8 bytes behind the input.
 */
export function compressXpress(input: usize, size: usize, output: usize, depth: u32, nice: u32): usize {
  if (size <= TABLE_SIZE + 4 || size > MAX_CHUNK) return 0
  const itemsEnd = parse(input, size, depth, nice)
  count(END_SYMBOL)
  buildLengths(frequencies, SYMBOLS, MAX_BITS, lengths)
  if (encodedSize() >= size) return 0
  buildWords(lengths, SYMBOLS, words)
  return writeItems(itemsEnd, output)
}
