import { MAX_BITS, rebuild, resetCounts } from './adaptive-huffman'
import { copyMatch } from './copy'
import { LONG } from './huffman'
import {
  LENGTH_SLOTS,
  lengthBase,
  lengthExtra,
  offsetBase,
  offsetExtra,
  offsetSlotsFor,
  prepareSlots,
} from './lzms-slots'
import { undoX86Filter } from './lzms-x86-filter'

// Each bit model is the last 64 bits seen with it (u64), 1 meaning a one.
const mainModels = memory.data(16 * 8, 8)
const matchModels = memory.data(32 * 8, 8)
const lzModels = memory.data(64 * 8, 8)
const lzRepModels = memory.data(2 * 64 * 8, 8)
const deltaModels = memory.data(64 * 8, 8)
const deltaRepModels = memory.data(2 * 64 * 8, 8)
const FRESH_MODEL: u64 = 0x0000000055555555

const LITERAL_ROOT: u32 = 10
const OFFSET_ROOT: u32 = 11
const LENGTH_ROOT: u32 = 9
const POWER_ROOT: u32 = 7
const DELTA_ROOT: u32 = 10

const literalCounts = memory.data(256 * 4, 8)
const offsetCounts = memory.data(800 * 4, 8)
const lengthCounts = memory.data(54 * 4, 8)
const powerCounts = memory.data(8 * 4, 8)
const deltaCounts = memory.data(800 * 4, 8)

const literalRoot = memory.data(2 << 10, 8)
const literalLong = memory.data(2 * 258 * 16, 8)
const offsetRoot = memory.data(2 << 11, 8)
const offsetLong = memory.data(2 * 801 * 8, 8)
const lengthRoot = memory.data(2 << 9, 8)
const lengthLong = memory.data(2 * 56 * 32, 8)
const powerRoot = memory.data(2 << 7, 8)
const powerLong = memory.data(2 * 10 * 128, 8)
const deltaRoot = memory.data(2 << 10, 8)
const deltaLong = memory.data(2 * 801 * 16, 8)

// The range decoder's state while a bit is read outside of the loop's own copies.
let range: u32 = 0
let code: u32 = 0
let forward: usize = 0

/** Reads one bit by a model; the loop below does the same in place for the bits that are read most. */
function takeBit(model: usize): u32 {
  const history = load<u64>(model)
  if (range < 0x10000) {
    range <<= 16
    code = (code << 16) | load<u16>(forward)
    forward += 2
  }
  const bound = (range >> 6) * chanceOfZero(history)
  if (code < bound) {
    range = bound
    store<u64>(model, history << 1)
    return 0
  }
  range -= bound
  code -= bound
  store<u64>(model, (history << 1) | 1)
  return 1
}

// @ts-ignore: decorator
@inline
function chanceOfZero(history: u64): u32 {
  const zeros = <u32>(64 - popcnt(history))
  return max<u32>(1, min<u32>(63, zeros))
}

/** Has the host put bytes of the input, from an offset on, to a place in the memory; false where it cannot. */
// @ts-ignore: decorator
@external("env", "read")
declare function read(to: usize, offset: usize, size: usize): bool

/** Before the end of a window: more than one item of the loop takes. */
const MARGIN: usize = 64

// The input has two readers, one from either end. Each sees a window of it; both all of it where there are none.
let windowSize: usize = 0
let forwardWindow: usize = 0
/** Which byte of the input stands first in the window. */
let forwardAt: usize = 0
/** Where the window is to be moved on. */
let forwardLimit: usize = 0
// The loop has its own copy.
let backward: usize = 0
let backWindow: usize = 0
let backAt: usize = 0
let backLimit: usize = 0

/** Lays the windows where the readers stand; false where one of them is beyond the input. */
function moveWindows(inputSize: usize): bool {
  if (windowSize === 0) return false
  if (forward > forwardLimit) {
    const at = forwardAt + (forward - forwardWindow)
    if (at > inputSize + 8) return false
    const size = at < inputSize ? min(windowSize, inputSize - at) : 0
    if (size > 0 && !read(forwardWindow, at, size)) return false
    forwardAt = at
    forward = forwardWindow
    forwardLimit = at + size < inputSize ? forwardWindow + size - MARGIN : forwardWindow + inputSize - at + 8
  }
  if (backward < backLimit) {
    if (backAt === 0) return false
    const end = backAt + (backward - backWindow)
    const size = min(windowSize, end)
    if (!read(backWindow, end - size, size)) return false
    backAt = end - size
    backward = backWindow + size
    backLimit = backAt > 0 ? backWindow + MARGIN : backWindow - 8
  }
  return true
}

/**
 * Expands one LZMS chunk; false where it is damaged.
 * @param window 0 where all of the input is there; otherwise `read` gives it, and there is room for two windows of
 * this size from `input` on, MARGIN apart. The input is larger than a window.
 */
export function decompressLzms(
  input: usize,
  inputSize: usize,
  output: usize,
  outputSize: usize,
  window: usize,
): bool {
  if (inputSize < 4 || (inputSize & 1) !== 0 || outputSize === 0) return false
  prepareSlots()
  windowSize = window
  forwardWindow = input
  forwardAt = 0
  forward = input
  forwardLimit = input + inputSize + 8
  backWindow = input
  backAt = 0
  backward = input + inputSize
  backLimit = input - 8
  if (window > 0) {
    forward = input + 1
    forwardAt = <usize>-1
    forwardLimit = input
    backWindow = input + window + MARGIN
    backAt = inputSize
    backward = backWindow
    backLimit = backWindow + MARGIN
    if (!moveWindows(inputSize)) return false
  }
  const outputEnd = output + outputSize
  for (let i: usize = 0; i < 16; i++) store<u64>(mainModels + (i << 3), FRESH_MODEL)
  for (let i: usize = 0; i < 32; i++) store<u64>(matchModels + (i << 3), FRESH_MODEL)
  for (let i: usize = 0; i < 64; i++) store<u64>(lzModels + (i << 3), FRESH_MODEL)
  for (let i: usize = 0; i < 64; i++) store<u64>(deltaModels + (i << 3), FRESH_MODEL)
  for (let i: usize = 0; i < 128; i++) store<u64>(lzRepModels + (i << 3), FRESH_MODEL)
  for (let i: usize = 0; i < 128; i++) store<u64>(deltaRepModels + (i << 3), FRESH_MODEL)

  const offsetSlots = offsetSlotsFor(<u32>outputSize)
  resetCounts(literalCounts, 256)
  resetCounts(offsetCounts, offsetSlots)
  resetCounts(lengthCounts, LENGTH_SLOTS)
  resetCounts(powerCounts, 8)
  resetCounts(deltaCounts, offsetSlots)
  let literalBase = rebuild(literalCounts, 256, LITERAL_ROOT, literalRoot, literalLong)
  let offsetLongBase = rebuild(offsetCounts, offsetSlots, OFFSET_ROOT, offsetRoot, offsetLong)
  let lengthLongBase = rebuild(lengthCounts, LENGTH_SLOTS, LENGTH_ROOT, lengthRoot, lengthLong)
  let powerLongBase = rebuild(powerCounts, 8, POWER_ROOT, powerRoot, powerLong)
  let deltaLongBase = rebuild(deltaCounts, offsetSlots, DELTA_ROOT, deltaRoot, deltaLong)
  let literalsLeft: u32 = 1024
  let offsetsLeft: u32 = 1024
  let lengthsLeft: u32 = 512
  let powersLeft: u32 = 512
  let deltasLeft: u32 = 1024

  let mainState: u32 = 0
  let matchState: u32 = 0
  let lzState: u32 = 0
  let lzRep0State: u32 = 0
  let lzRep1State: u32 = 0
  let deltaState: u32 = 0
  let deltaRep0State: u32 = 0
  let deltaRep1State: u32 = 0

  // Four of each: the newest one becomes usable only one item later.
  let o0: u32 = 1
  let o1: u32 = 2
  let o2: u32 = 3
  let o3: u32 = 4
  let d0: u64 = 1
  let d1: u64 = 2
  let d2: u64 = 3
  let d3: u64 = 4
  let afterLz = false
  let afterDelta = false

  range = 0xffffffff
  code = (<u32>load<u16>(forward) << 16) | load<u16>(forward, 2)
  forward += 4
  let back = backward
  let forwardEnd = forwardLimit
  let backEnd = backLimit
  let buf: u64 = 0
  let n: u32 = 0
  let out = output

  while (out < outputEnd) {
    // Words of both kinds come from the same bytes; each side is held inside them on its own.
    if (forward > forwardEnd || back < backEnd) {
      backward = back
      if (!moveWindows(inputSize)) return false
      back = backward
      forwardEnd = forwardLimit
      backEnd = backLimit
    }
    buf |= load<u64>(back - 8) >> n
    let more = (63 - n) >> 4
    back -= more << 1
    n += more << 4

    let model = mainModels + (<usize>mainState << 3)
    let history = load<u64>(model)
    if (range < 0x10000) {
      range <<= 16
      code = (code << 16) | load<u16>(forward)
      forward += 2
    }
    let bound = (range >> 6) * chanceOfZero(history)
    if (code < bound) {
      range = bound
      store<u64>(model, history << 1)
      mainState = (mainState << 1) & 15

      let entry: u32 = load<u16>(literalRoot + (<usize>(buf >> (64 - LITERAL_ROOT)) << 1))
      if (entry === LONG)
        entry = load<u16>(literalLong + (<usize>(<i32>(buf >> (64 - MAX_BITS)) - literalBase) << 1))
      const used = (entry & 15) + 1
      buf <<= used
      n -= used
      const symbol = entry >> 4
      if (symbol > 255) return false
      store<u8>(out, symbol)
      out++
      const count = literalCounts + (<usize>symbol << 2)
      store<u32>(count, load<u32>(count) + 1)
      if (--literalsLeft === 0) {
        literalBase = rebuild(literalCounts, 256, LITERAL_ROOT, literalRoot, literalLong)
        literalsLeft = 1024
      }
      afterLz = false
      afterDelta = false
      continue
    }
    range -= bound
    code -= bound
    store<u64>(model, (history << 1) | 1)
    mainState = ((mainState << 1) | 1) & 15

    const isDelta = takeBit(matchModels + (<usize>matchState << 3))
    matchState = ((matchState << 1) | isDelta) & 31
    let lzOffset: u32 = 0
    let delta: u64 = 0
    if (!isDelta) {
      const isRepeat = takeBit(lzModels + (<usize>lzState << 3))
      lzState = ((lzState << 1) | isRepeat) & 63
      if (!isRepeat) {
        let entry: u32 = load<u16>(offsetRoot + (<usize>(buf >> (64 - OFFSET_ROOT)) << 1))
        if (entry === LONG)
          entry = load<u16>(offsetLong + (<usize>(<i32>(buf >> (64 - MAX_BITS)) - offsetLongBase) << 1))
        const used = (entry & 15) + 1
        buf <<= used
        n -= used
        const slot = entry >> 4
        if (slot >= offsetSlots) return false
        const extra: u32 = load<u8>(offsetExtra + slot)
        lzOffset = load<u32>(offsetBase + (<usize>slot << 2)) + <u32>((buf >> 1) >> (63 - extra))
        buf <<= extra
        n -= extra
        const count = offsetCounts + (<usize>slot << 2)
        store<u32>(count, load<u32>(count) + 1)
        if (--offsetsLeft === 0) {
          offsetLongBase = rebuild(offsetCounts, offsetSlots, OFFSET_ROOT, offsetRoot, offsetLong)
          offsetsLeft = 1024
        }
        o3 = o2
        o2 = o1
        o1 = o0
      } else {
        let rep: u32 = 0
        const bit0 = takeBit(lzRepModels + (<usize>lzRep0State << 3))
        lzRep0State = ((lzRep0State << 1) | bit0) & 63
        if (bit0) {
          const bit1 = takeBit(lzRepModels + 512 + (<usize>lzRep1State << 3))
          lzRep1State = ((lzRep1State << 1) | bit1) & 63
          rep = 1 + bit1
        }
        rep += <u32>afterLz
        if (rep === 0) lzOffset = o0
        else if (rep === 1) {
          lzOffset = o1
          o1 = o0
        } else {
          if (rep === 2) lzOffset = o2
          else {
            lzOffset = o3
            o3 = o2
          }
          o2 = o1
          o1 = o0
        }
      }
      o0 = lzOffset
      afterLz = true
      afterDelta = false
    } else {
      const isRepeat = takeBit(deltaModels + (<usize>deltaState << 3))
      deltaState = ((deltaState << 1) | isRepeat) & 63
      if (!isRepeat) {
        let entry: u32 = load<u16>(powerRoot + (<usize>(buf >> (64 - POWER_ROOT)) << 1))
        if (entry === LONG)
          entry = load<u16>(powerLong + (<usize>(<i32>(buf >> (64 - MAX_BITS)) - powerLongBase) << 1))
        let used = (entry & 15) + 1
        buf <<= used
        n -= used
        const power = entry >> 4
        if (power > 7) return false
        let count = powerCounts + (<usize>power << 2)
        store<u32>(count, load<u32>(count) + 1)
        if (--powersLeft === 0) {
          powerLongBase = rebuild(powerCounts, 8, POWER_ROOT, powerRoot, powerLong)
          powersLeft = 512
        }
        buf |= load<u64>(back - 8) >> n
        more = (63 - n) >> 4
        back -= more << 1
        n += more << 4
        entry = load<u16>(deltaRoot + (<usize>(buf >> (64 - DELTA_ROOT)) << 1))
        if (entry === LONG)
          entry = load<u16>(deltaLong + (<usize>(<i32>(buf >> (64 - MAX_BITS)) - deltaLongBase) << 1))
        used = (entry & 15) + 1
        buf <<= used
        n -= used
        const slot = entry >> 4
        if (slot >= offsetSlots) return false
        const extra: u32 = load<u8>(offsetExtra + slot)
        const raw = load<u32>(offsetBase + (<usize>slot << 2)) + <u32>((buf >> 1) >> (63 - extra))
        buf <<= extra
        n -= extra
        count = deltaCounts + (<usize>slot << 2)
        store<u32>(count, load<u32>(count) + 1)
        if (--deltasLeft === 0) {
          deltaLongBase = rebuild(deltaCounts, offsetSlots, DELTA_ROOT, deltaRoot, deltaLong)
          deltasLeft = 1024
        }
        delta = (<u64>power << 32) | raw
        d3 = d2
        d2 = d1
        d1 = d0
      } else {
        let rep: u32 = 0
        const bit0 = takeBit(deltaRepModels + (<usize>deltaRep0State << 3))
        deltaRep0State = ((deltaRep0State << 1) | bit0) & 63
        if (bit0) {
          const bit1 = takeBit(deltaRepModels + 512 + (<usize>deltaRep1State << 3))
          deltaRep1State = ((deltaRep1State << 1) | bit1) & 63
          rep = 1 + bit1
        }
        rep += <u32>afterDelta
        if (rep === 0) delta = d0
        else if (rep === 1) {
          delta = d1
          d1 = d0
        } else {
          if (rep === 2) delta = d2
          else {
            delta = d3
            d3 = d2
          }
          d2 = d1
          d1 = d0
        }
      }
      d0 = delta
      afterDelta = true
      afterLz = false
    }

    buf |= load<u64>(back - 8) >> n
    more = (63 - n) >> 4
    back -= more << 1
    n += more << 4
    let entry: u32 = load<u16>(lengthRoot + (<usize>(buf >> (64 - LENGTH_ROOT)) << 1))
    if (entry === LONG)
      entry = load<u16>(lengthLong + (<usize>(<i32>(buf >> (64 - MAX_BITS)) - lengthLongBase) << 1))
    const used = (entry & 15) + 1
    buf <<= used
    n -= used
    const slot = entry >> 4
    if (slot >= LENGTH_SLOTS) return false
    const extra: u32 = load<u8>(lengthExtra + slot)
    const length = <usize>(load<u32>(lengthBase + (<usize>slot << 2)) + <u32>((buf >> 1) >> (63 - extra)))
    buf <<= extra
    n -= extra
    const count = lengthCounts + (<usize>slot << 2)
    store<u32>(count, load<u32>(count) + 1)
    if (--lengthsLeft === 0) {
      lengthLongBase = rebuild(lengthCounts, LENGTH_SLOTS, LENGTH_ROOT, lengthRoot, lengthLong)
      lengthsLeft = 512
    }

    if (length > outputEnd - out) return false
    if (!isDelta) {
      if (<usize>lzOffset > out - output) return false
      copyMatch(out, lzOffset, length)
      out += length
    } else {
      const power = delta >> 32
      const reach = (delta & 0xffffffff) << power
      if (reach + (<u64>1 << power) > <u64>(out - output)) return false
      out = copyDelta(out, <usize>reach, <usize>1 << <usize>power, length)
    }
  }
  if (forwardAt + (forward - forwardWindow) > inputSize + 2) return false
  if (<i64>backAt + (<i64>back - <i64>backWindow) + <i64>(n >> 3) < 0) return false
  undoX86Filter(output, outputSize)
  return true
}

/** Goes on with the differences of bytes `span` apart, as they were `offset` bytes before. */
function copyDelta(out: usize, offset: usize, span: usize, length: usize): usize {
  const end = out + length
  while (out < end) {
    store<u8>(out, load<u8>(out - offset) + load<u8>(out - span) - load<u8>(out - offset - span))
    out++
  }
  return out
}
