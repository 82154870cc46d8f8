import { copyMatch } from './copy'
import { buildFromLengths, LONG } from './huffman'

const MAX_BITS: u32 = 16
const MAIN_ROOT: u32 = 11
const LENGTH_ROOT: u32 = 10
const PRE_ROOT: u32 = 6
const PRE_MAX: u32 = 15
const ALIGNED_BITS: u32 = 7
const MAIN_SYMBOLS: u32 = 656
const LENGTH_SYMBOLS: u32 = 249

const mainLengths = memory.data(656, 8)
const lengthLengths = memory.data(256, 8)
const smallLengths = memory.data(24, 8)
const mainRoot = memory.data(2 << 11, 8)
const mainLong = memory.data(2 * (656 + 2) * 16, 8)
const lengthRoot = memory.data(2 << 10, 8)
const lengthLong = memory.data(2 * (249 + 2) * 32, 8)
const preRoot = memory.data(2 << 6, 8)
const preLong = memory.data(2 * (20 + 2) * 256, 8)
const alignedRoot = memory.data(2 << 7, 8)

/** Position slots: the lowest formatted offset of each and the number of bits that follow. */
const slotBase = memory.data(51 * 4, 8)
const slotExtra = memory.data(51, 8)

let slotsReady = false

function prepareSlots(): void {
  let base: u32 = 0
  for (let slot: u32 = 0; slot < 51; slot++) {
    const extra = slot < 4 ? 0 : min<u32>(17, (slot >> 1) - 1)
    store<u32>(slotBase + (<usize>slot << 2), base)
    store<u8>(slotExtra + slot, extra)
    base += 1 << extra
  }
  slotsReady = true
}

// The bit reader, used between the blocks' symbols; the symbols' own loop keeps it in locals.
let at: usize = 0
let limit: usize = 0
let buffer: u64 = 0
let bits: u32 = 0

/** Eight bytes as four little-endian words, the first in the highest bits. */
// @ts-ignore: decorator
@inline
function words(from: usize): u64 {
  const v = rotl(load<u64>(from), 32)
  return ((v & 0x0000ffff0000ffff) << 16) | ((v >> 16) & 0x0000ffff0000ffff)
}

function refill(): void {
  // Behind the end there are no more bits; what the buffer then gives is caught at the end of the chunk.
  if (at > limit) {
    bits |= 48
    return
  }
  buffer |= words(at) >> bits
  const more = (63 - bits) >> 4
  at += more << 1
  bits += more << 4
}

function take(n: u32): u32 {
  if (bits < n) refill()
  const value = <u32>((buffer >> 1) >> (63 - n))
  buffer <<= n
  bits -= n
  return value
}

function takePreSymbol(longBase: i32): u32 {
  if (bits < 16) refill()
  let entry: u32 = load<u16>(preRoot + (<usize>(buffer >> (64 - PRE_ROOT)) << 1))
  if (entry === LONG) entry = load<u16>(preLong + (<usize>(<i32>(buffer >> (64 - PRE_MAX)) - longBase) << 1))
  const used = (entry & 15) + 1
  buffer <<= used
  bits -= used
  return entry >> 4
}

/** The lengths of one code, written as differences to those of the block before ([MS-PATCH] 2.6). */
function readLengths(lengths: usize, count: u32): bool {
  for (let i: usize = 0; i < 20; i++) store<u8>(smallLengths + i, take(4))
  const longBase = buildFromLengths(smallLengths, 20, PRE_ROOT, PRE_MAX, preRoot, preLong)
  if (longBase < 0) return false
  let i: u32 = 0
  while (i < count) {
    const symbol = takePreSymbol(longBase)
    if (symbol < 17) {
      store<u8>(lengths + i, changed(load<u8>(lengths + i), symbol))
      i++
      continue
    }
    let run: u32
    let value: u32 = 0
    if (symbol === 17) run = 4 + take(4)
    else if (symbol === 18) run = 20 + take(5)
    else if (symbol === 19) {
      run = 4 + take(1)
      const change = takePreSymbol(longBase)
      if (change > 17) return false
      value = changed(load<u8>(lengths + i), change)
    } else return false
    run = min(run, count - i)
    memory.fill(lengths + i, <u8>value, run)
    i += run
  }
  return at <= limit
}

// @ts-ignore: decorator
@inline
function changed(length: u32, change: u32): u32 {
  const value = <i32>length - <i32>change
  return value < 0 ? value + 17 : value
}

/** How many position slots reach to the start of a window of this size. */
function slotsFor(window: u32): u32 {
  let slots: u32 = 30
  while (slots < 50 && load<u32>(slotBase + (<usize>slots << 2)) < window) slots++
  return slots
}

/**
 * Expands one LZX chunk of a WIM. `window` is the chunk size of the WIM: it sets the size of the
 * alphabet and of the block length. False where the chunk is damaged.
 */
export function decompressLzx(
  input: usize,
  inputSize: usize,
  output: usize,
  outputSize: usize,
  window: u32,
): bool {
  if (!slotsReady) prepareSlots()
  const inputEnd = input + inputSize
  const outputEnd = output + outputSize
  const slots = slotsFor(window)
  const mainSymbols = min<u32>(256 + (slots << 3), MAIN_SYMBOLS)
  memory.fill(mainLengths, 0, MAIN_SYMBOLS)
  memory.fill(lengthLengths, 0, LENGTH_SYMBOLS)
  at = input
  limit = inputEnd + 8
  buffer = 0
  bits = 0
  let r0: u32 = 1
  let r1: u32 = 1
  let r2: u32 = 1
  let out = output

  while (out < outputEnd) {
    const kind = take(3)
    let blockSize: usize = 32768
    if (take(1) === 0) {
      blockSize = take(16)
      if (window >= 65536) blockSize = (blockSize << 8) | take(8)
    }
    if (blockSize === 0 || blockSize > outputEnd - out) return false

    if (kind === 3) {
      // Back to where the next bit stands; on a word's boundary a whole word is skipped.
      if (at > limit) return false
      at = at - (<usize>(bits >> 4) << 1)
      if ((bits & 15) === 0) at += 2
      buffer = 0
      bits = 0
      if (at + 12 + blockSize > inputEnd) return false
      r0 = load<u32>(at)
      r1 = load<u32>(at, 4)
      r2 = load<u32>(at, 8)
      if (r0 === 0 || r1 === 0 || r2 === 0) return false
      at += 12
      memory.copy(out, at, blockSize)
      out += blockSize
      at += blockSize + (blockSize & 1)
      continue
    }
    if (kind === 2) {
      for (let i: usize = 0; i < 8; i++) store<u8>(smallLengths + i, take(3))
      if (buildFromLengths(smallLengths, 8, ALIGNED_BITS, ALIGNED_BITS, alignedRoot, alignedRoot) < 0) return false
    } else if (kind !== 1) return false
    if (!readLengths(mainLengths, 256)) return false
    if (!readLengths(mainLengths + 256, mainSymbols - 256)) return false
    if (!readLengths(lengthLengths, LENGTH_SYMBOLS)) return false
    const mainBase = buildFromLengths(mainLengths, mainSymbols, MAIN_ROOT, MAX_BITS, mainRoot, mainLong)
    if (mainBase < 0) return false
    const lengthBase = buildFromLengths(
      lengthLengths,
      LENGTH_SYMBOLS,
      LENGTH_ROOT,
      MAX_BITS,
      lengthRoot,
      lengthLong,
    )
    if (lengthBase < 0) return false

    const blockEnd = out + blockSize
    const lastRefill = limit
    const alignedFrom: u32 = kind === 2 ? 8 : 255
    let p = at
    let buf = buffer
    let n = bits
    while (out < blockEnd) {
      // At least 48 bits afterwards: enough for a literal, a second main symbol and a length symbol.
      if (p > lastRefill) return false
      buf |= words(p) >> n
      let more = (63 - n) >> 4
      p += more << 1
      n += more << 4

      let entry: u32 = load<u16>(mainRoot + (<usize>(buf >> (64 - MAIN_ROOT)) << 1))
      if (entry === LONG) entry = load<u16>(mainLong + (<usize>(<i32>(buf >> (64 - MAX_BITS)) - mainBase) << 1))
      let used = (entry & 15) + 1
      buf <<= used
      n -= used
      let symbol = entry >> 4
      if (symbol < 256) {
        store<u8>(out, symbol)
        out++
        if (out === blockEnd) break
        entry = load<u16>(mainRoot + (<usize>(buf >> (64 - MAIN_ROOT)) << 1))
        if (entry === LONG) entry = load<u16>(mainLong + (<usize>(<i32>(buf >> (64 - MAX_BITS)) - mainBase) << 1))
        used = (entry & 15) + 1
        buf <<= used
        n -= used
        symbol = entry >> 4
        if (symbol < 256) {
          store<u8>(out, symbol)
          out++
          continue
        }
      }
      if (symbol >= mainSymbols) return false
      symbol -= 256
      const slot = symbol >> 3
      let length: usize = (symbol & 7) + 2
      if (length === 9) {
        entry = load<u16>(lengthRoot + (<usize>(buf >> (64 - LENGTH_ROOT)) << 1))
        if (entry === LONG)
          entry = load<u16>(lengthLong + (<usize>(<i32>(buf >> (64 - MAX_BITS)) - lengthBase) << 1))
        used = (entry & 15) + 1
        buf <<= used
        n -= used
        symbol = entry >> 4
        if (symbol >= LENGTH_SYMBOLS) return false
        length = 9 + symbol
      }
      let offset: u32
      if (slot < 3) {
        // Swapped with the first, not moved to the front.
        if (slot === 0) offset = r0
        else if (slot === 1) {
          offset = r1
          r1 = r0
        } else {
          offset = r2
          r2 = r0
        }
        r0 = offset
      } else {
        if (p > lastRefill) return false
        buf |= words(p) >> n
        more = (63 - n) >> 4
        p += more << 1
        n += more << 4
        let extra: u32 = load<u8>(slotExtra + slot)
        offset = load<u32>(slotBase + (<usize>slot << 2)) - 2
        if (slot >= alignedFrom) {
          extra -= 3
          offset += <u32>((buf >> 1) >> (63 - extra)) << 3
          buf <<= extra
          n -= extra
          entry = load<u16>(alignedRoot + (<usize>(buf >> (64 - ALIGNED_BITS)) << 1))
          used = (entry & 15) + 1
          buf <<= used
          n -= used
          symbol = entry >> 4
          if (symbol > 7) return false
          offset += symbol
        } else {
          offset += <u32>((buf >> 1) >> (63 - extra))
          buf <<= extra
          n -= extra
        }
        r2 = r1
        r1 = r0
        r0 = offset
      }
      if (<usize>offset > out - output || length > blockEnd - out) return false
      copyMatch(out, offset, length)
      out += length
    }
    at = p
    buffer = buf
    bits = n
  }
  if (at > limit || at - (bits >> 3) > inputEnd) return false
  undoCallTranslation(output, outputSize)
  return true
}

const FILE_SIZE: i32 = 12_000_000

/** Gives the targets of x86 calls their relative form back, in every chunk, code or not. */
function undoCallTranslation(data: usize, size: usize): void {
  if (size <= 10) return
  const end = data + size - 10
  const e8 = i8x16.splat(<i8>0xe8)
  let i = data
  while (i < end) {
    const mask = i8x16.bitmask(i8x16.eq(v128.load(i), e8))
    if (mask === 0) {
      i += 16
      continue
    }
    i += ctz(mask)
    if (i >= end) break
    const target = load<i32>(i, 1)
    const position = <i32>(i - data)
    if (target >= 0) {
      if (target < FILE_SIZE) store<i32>(i, target - position, 1)
    } else if (target >= -position) store<i32>(i, target + FILE_SIZE, 1)
    i += 5
  }
}
