import { buildLengths, buildWords } from './huffman-lengths'
import { endBits, put, startBits } from './lzx-bits'
import { translateCalls } from './lzx-calls'
import { lengthsCost, writeLengths } from './lzx-lengths'
import { bitLength, matchLength } from './match'

const MAIN_SYMBOLS: u32 = 656
const LENGTH_SYMBOLS: u32 = 249
const MAX_BITS: u32 = 16
const ALIGNED_BITS: u32 = 7
const MAX_LENGTH: usize = 257
/** Larger chunks are cut into blocks of about this many bytes, each with codes of its own. */
const BLOCK_BYTES: usize = 65536

const DEPTH: u32 = 48
const NICE: usize = 96
/** Beyond this offset three bytes cost more as a match than as literals. */
const SHORT_LIMIT: usize = 4096
const SHORT_HASH_BITS: u32 = 13
const MAX_HASH_BITS: u32 = 17
const MULTIPLIER: u32 = 0x9e3779b1

const shortHeads = memory.data(4 << 13, 16)
const mainFrequencies = memory.data(656 * 4, 16)
const lengthFrequencies = memory.data(249 * 4, 16)
const alignedFrequencies = memory.data(8 * 4, 16)
/** Code lengths of this block and of the one before. */
const mainLengths = memory.data(656, 16)
const mainBefore = memory.data(656, 16)
const lengthLengths = memory.data(256, 16)
const lengthBefore = memory.data(256, 16)
const alignedLengths = memory.data(8, 16)
const mainWords = memory.data(656 * 4, 16)
const lengthWords = memory.data(249 * 4, 16)
const alignedWords = memory.data(8 * 4, 16)

// Of the chunk that is being compressed.
let data: usize = 0
let previous: usize = 0
let items: usize = 0
let heads: usize = 0
let hashShift: u32 = 0
let maxOffset: usize = 0
let r0: u32 = 1
let r1: u32 = 1
let r2: u32 = 1

/** How much memory a chunk takes beside the static tables: its bytes, the hash table, the chains, the items. */
export function scratchSize(window: usize): usize {
  return window + 128 + (4 << MAX_HASH_BITS) + 4 * window + 4 * (window + 1)
}

// @ts-ignore: decorator
@inline
function headOf(four: u32): usize {
  return heads + (<usize>((four * MULTIPLIER) >> hashShift) << 2)
}

// @ts-ignore: decorator
@inline
function shortHeadOf(four: u32): usize {
  return shortHeads + (<usize>(((four << 8) * MULTIPLIER) >> (32 - SHORT_HASH_BITS)) << 2)
}

// @ts-ignore: decorator
@inline
function slotOf(formatted: u32): u32 {
  if (formatted < 4) return formatted
  if (formatted >= 1 << 18) return 34 + (formatted >> 17)
  const power = bitLength(formatted)
  return (power << 1) + ((formatted >> (power - 1)) & 1)
}

// @ts-ignore: decorator
@inline
function extraBits(slot: u32): u32 {
  return slot < 4 ? 0 : min<u32>(17, (slot >> 1) - 1)
}

/** What find() found: a length of 0 for none, the offset in its formatted form, and what it is worth in quarter bytes. */
let foundLength: usize = 0
let foundFormatted: u32 = 0
let foundScore: i32 = 0

// @ts-ignore: decorator
@inline
function consider(length: usize, formatted: u32, cost: i32): void {
  const score = (<i32>length << 2) - cost
  if (score > foundScore) {
    foundScore = score
    foundLength = length
    foundFormatted = formatted
  }
}

/** The best match at a place, one of the last three offsets or another; remembers the place. */
function find(at: usize, end: usize, depth: u32): void {
  foundLength = 0
  foundScore = 0
  const limit = min<usize>(end - at, MAX_LENGTH)
  if (limit < 2) return
  const place = at - data
  if (<usize>r0 <= place) {
    const length = matchLength(at, at - r0, 0, limit)
    if (length >= 2) consider(length, 0, 1)
  }
  if (<usize>r1 <= place) {
    const length = matchLength(at, at - r1, 0, limit)
    if (length >= 2) consider(length, 1, 2)
  }
  if (<usize>r2 <= place) {
    const length = matchLength(at, at - r2, 0, limit)
    if (length >= 2) consider(length, 2, 2)
  }
  if (at + 4 > end) return
  const here = load<u32>(at)
  const head = headOf(here)
  const shortHead = shortHeadOf(here)
  let next = load<u32>(head)
  const near = load<u32>(shortHead)
  store<u32>(head, <u32>place + 1)
  store<u32>(shortHead, <u32>place + 1)
  store<u32>(previous + (place << 2), next)
  if (foundLength >= NICE || foundLength >= limit) return
  let best: usize = 3
  if (near !== 0) {
    const from = data + near - 1
    if (((load<u32>(from) ^ here) & 0xffffff) === 0 && at - from <= SHORT_LIMIT)
      consider(3, <u32>(at - from) + 2, <i32>bitLength(<u32>(at - from) + 2) + 1)
  }
  for (; next !== 0 && depth > 0; depth--) {
    const from = data + next - 1
    if (at - from > maxOffset) break
    if (load<u32>(from + best - 3) === load<u32>(at + best - 3) && load<u32>(from) === here) {
      const length = matchLength(at, from, 4, limit)
      if (length > best) {
        best = length
        consider(length, <u32>(at - from) + 2, <i32>bitLength(<u32>(at - from) + 2) + 1)
        if (length >= NICE || length >= limit) return
      }
    }
    next = load<u32>(previous + (<usize>(next - 1) << 2))
  }
}

function remember(from: usize, to: usize): void {
  for (let at = from; at < to; at++) {
    const here = load<u32>(at)
    const place = <u32>(at - data)
    const head = headOf(here)
    store<u32>(previous + (<usize>place << 2), load<u32>(head))
    store<u32>(head, place + 1)
    store<u32>(shortHeadOf(here), place + 1)
  }
}

// @ts-ignore: decorator
@inline
function count(table: usize, symbol: usize): void {
  const at = table + (symbol << 2)
  store<u32>(at, load<u32>(at) + 1)
}

// @ts-ignore: decorator
@inline
function addLiteral(item: usize, at: usize): void {
  const literal: u32 = load<u8>(at)
  store<u32>(item, literal)
  count(mainFrequencies, literal)
}

/** Matches as 1 << 31 | formatted offset << 8 | length - 2. */
// @ts-ignore: decorator
@inline
function addMatch(item: usize, length: usize, formatted: u32): void {
  store<u32>(item, (1 << 31) | (formatted << 8) | <u32>(length - 2))
  const slot = slotOf(formatted)
  count(mainFrequencies, 256 + (slot << 3) + <u32>min<usize>(length - 2, 7))
  if (length >= 9) count(lengthFrequencies, length - 9)
  if (slot >= 8) count(alignedFrequencies, formatted & 7)
  if (formatted === 1) {
    const other = r1
    r1 = r0
    r0 = other
  } else if (formatted === 2) {
    const other = r2
    r2 = r0
    r0 = other
  } else if (formatted > 2) {
    r2 = r1
    r1 = r0
    r0 = formatted - 2
  }
}

let itemsEnd: usize = 0

/** Cuts the next bytes into literals and matches until the block is full; gives where it ends. */
function parseBlock(from: usize, end: usize): usize {
  memory.fill(mainFrequencies, 0, MAIN_SYMBOLS << 2)
  memory.fill(lengthFrequencies, 0, LENGTH_SYMBOLS << 2)
  memory.fill(alignedFrequencies, 0, 8 << 2)
  const full = end - from <= BLOCK_BYTES ? end : from + BLOCK_BYTES
  const lastPlace = end - 3
  let item = items
  let at = from
  while (at < full) {
    find(at, end, DEPTH)
    let remembered = at + 1
    if (foundLength === 0) {
      addLiteral(item, at)
      item += 4
      at++
      continue
    }
    let length = foundLength
    let formatted = foundFormatted
    let score = foundScore
    // A better match at one of the next two bytes is worth the literals before it. Only places that the match
    // covers are examined: others would be remembered twice.
    while (length < NICE && at + 2 < end) {
      find(at + 1, end, DEPTH >> 1)
      remembered = at + 2
      if (foundLength > 0 && foundScore > score + 1) {
        addLiteral(item, at)
        item += 4
        at++
      } else {
        if (length < 3) break
        find(at + 2, end, DEPTH >> 2)
        remembered = at + 3
        if (foundLength === 0 || foundScore <= score + 6) break
        addLiteral(item, at)
        addLiteral(item + 4, at + 1)
        item += 8
        at += 2
      }
      length = foundLength
      formatted = foundFormatted
      score = foundScore
    }
    addMatch(item, length, formatted)
    item += 4
    const next = at + length
    remember(remembered, min<usize>(next, lastPlace))
    at = next
  }
  itemsEnd = item
  return at
}

function symbolsCost(frequencies: usize, lengths: usize, symbols: u32): u64 {
  let bits: u64 = 0
  for (let symbol: usize = 0; symbol < symbols; symbol++)
    bits += <u64>load<u32>(frequencies + (symbol << 2)) * load<u8>(lengths + symbol)
  return bits
}

/** Bits of offsets that stand as they are. */
function offsetsCost(slots: u32): u64 {
  let bits: u64 = 0
  for (let slot: u32 = 4; slot < slots; slot++) {
    let used: u64 = 0
    for (let i: usize = 0; i < 8; i++) used += load<u32>(mainFrequencies + ((256 + (<usize>slot << 3) + i) << 2))
    bits += used * extraBits(slot)
  }
  return bits
}

function putWord(table: usize, symbol: usize): void {
  const word = load<u32>(table + (symbol << 2))
  put(word >> 5, word & 31)
}

function writeItems(aligned: bool): void {
  for (let item = items; item < itemsEnd; item += 4) {
    const value = load<u32>(item)
    if (value < 256) {
      putWord(mainWords, value)
      continue
    }
    const length = value & 255
    const formatted = (value & 0x7fffffff) >> 8
    const slot = slotOf(formatted)
    putWord(mainWords, 256 + (<usize>slot << 3) + min<u32>(length, 7))
    if (length >= 7) putWord(lengthWords, length - 7)
    const extra = extraBits(slot)
    const rest = formatted & ((1 << extra) - 1)
    if (aligned && slot >= 8) {
      put(rest >> 3, extra - 3)
      putWord(alignedWords, rest & 7)
    } else put(rest, extra)
  }
}

/** Bits that were written up to now. */
let written: u64 = 0

/** Writes a block; false where the chunk would then not be smaller than `limit` bytes. */
function writeBlock(size: u32, window: u32, slots: u32, limit: usize): bool {
  const mainSymbols = 256 + (slots << 3)
  buildLengths(mainFrequencies, mainSymbols, MAX_BITS, mainLengths)
  buildLengths(lengthFrequencies, LENGTH_SYMBOLS, MAX_BITS, lengthLengths)
  buildLengths(alignedFrequencies, 8, ALIGNED_BITS, alignedLengths)
  let alignedUses: u64 = 0
  for (let i: usize = 0; i < 8; i++) alignedUses += load<u32>(alignedFrequencies + (i << 2))
  const alignedCost = symbolsCost(alignedFrequencies, alignedLengths, 8) + 24
  const aligned = alignedCost < alignedUses * 3
  const wide: bool = window >= 65536
  let bits: u64 = 3 + 1 + (size === 32768 ? 0 : wide ? 24 : 16)
  bits += lengthsCost(mainBefore, mainLengths, 256)
  bits += lengthsCost(mainBefore + 256, mainLengths + 256, mainSymbols - 256)
  bits += lengthsCost(lengthBefore, lengthLengths, LENGTH_SYMBOLS)
  bits += symbolsCost(mainFrequencies, mainLengths, mainSymbols)
  bits += symbolsCost(lengthFrequencies, lengthLengths, LENGTH_SYMBOLS)
  bits += offsetsCost(slots)
  if (aligned) bits += alignedCost - alignedUses * 3
  written += bits
  if (((written + 15) >> 4) << 1 >= <u64>limit) return false

  put(aligned ? 2 : 1, 3)
  if (size === 32768) put(1, 1)
  else {
    put(0, 1)
    if (wide) {
      put(size >> 8, 16)
      put(size & 255, 8)
    } else put(size, 16)
  }
  if (aligned) for (let i: usize = 0; i < 8; i++) put(load<u8>(alignedLengths + i), 3)
  writeLengths(mainBefore, mainLengths, 256)
  writeLengths(mainBefore + 256, mainLengths + 256, mainSymbols - 256)
  writeLengths(lengthBefore, lengthLengths, LENGTH_SYMBOLS)
  buildWords(mainLengths, mainSymbols, mainWords)
  buildWords(lengthLengths, LENGTH_SYMBOLS, lengthWords)
  if (aligned) buildWords(alignedLengths, 8, alignedWords)
  writeItems(aligned)
  memory.copy(mainBefore, mainLengths, MAIN_SYMBOLS)
  memory.copy(lengthBefore, lengthLengths, LENGTH_SYMBOLS)
  return true
}

/** How many position slots a window of this size has. */
function slotsFor(window: u32): u32 {
  return max<u32>(30, slotOf(window - 1) + 1)
}

/**
 * Compresses one chunk as LZX in the form that WIMs have. Gives its size, or 0 where it would not become
 * smaller. `scratch` has scratchSize(window) bytes.
 */
export function compressLzx(input: usize, size: usize, output: usize, window: u32, scratch: usize): usize {
  if (size < 64) return 0
  data = scratch
  heads = scratch + window + 128
  previous = heads + (4 << MAX_HASH_BITS)
  items = previous + 4 * window
  memory.copy(data, input, size)
  memory.fill(data + size, 0, 64)
  translateCalls(data, size)
  // A small chunk needs no large table, and clearing one would take longer than everything else.
  const hashBits = min<u32>(MAX_HASH_BITS, max<u32>(10, bitLength(<u32>size) + 1))
  hashShift = 32 - hashBits
  memory.fill(heads, 0, 4 << hashBits)
  memory.fill(shortHeads, 0, 4 << SHORT_HASH_BITS)
  memory.fill(mainBefore, 0, MAIN_SYMBOLS)
  memory.fill(lengthBefore, 0, LENGTH_SYMBOLS)
  maxOffset = window - 3
  r0 = 1
  r1 = 1
  r2 = 1
  written = 0
  startBits(output)
  const end = data + size
  const slots = slotsFor(window)
  for (let at = data; at < end; ) {
    const next = parseBlock(at, end)
    if (!writeBlock(<u32>(next - at), window, slots, size)) return 0
    at = next
  }
  return endBits() - output
}
