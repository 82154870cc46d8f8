import { buildLengths, buildWords } from './huffman-lengths'
import { put } from './lzx-bits'

const PRE_SYMBOLS: u32 = 20
const PRE_BITS: u32 = 15

/** Symbol, or symbol | value of its extra bits << 8 | the symbol behind it << 16. */
const steps = memory.data(656 * 4, 8)
const preFrequencies = memory.data(20 * 4, 8)
const preLengths = memory.data(24, 8)
const preWords = memory.data(20 * 4, 8)

// @ts-ignore: decorator
@inline
function difference(before: u32, now: u32): u32 {
  return before >= now ? before - now : before + 17 - now
}

// @ts-ignore: decorator
@inline
function countPre(symbol: u32): void {
  const at = preFrequencies + (<usize>symbol << 2)
  store<u32>(at, load<u32>(at) + 1)
}

/** Cuts lengths into differences to those of the block before and runs ([MS-PATCH] 2.6); gives the end of the steps. */
function planSteps(before: usize, lengths: usize, count: u32): usize {
  memory.fill(preFrequencies, 0, PRE_SYMBOLS << 2)
  let step = steps
  for (let i: u32 = 0; i < count; ) {
    const length: u32 = load<u8>(lengths + i)
    let run: u32 = 1
    while (i + run < count && load<u8>(lengths + i + run) === length) run++
    if (length === 0 && run >= 4) {
      const long = run >= 20
      const taken = long ? min<u32>(run, 51) : run
      const symbol: u32 = long ? 18 : 17
      store<u32>(step, symbol | ((taken - (long ? 20 : 4)) << 8))
      countPre(symbol)
      i += taken
    } else if (run >= 4) {
      const taken: u32 = min<u32>(run, 5)
      const change = difference(load<u8>(before + i), length)
      store<u32>(step, 19 | ((taken - 4) << 8) | (change << 16))
      countPre(19)
      countPre(change)
      i += taken
    } else {
      const change = difference(load<u8>(before + i), length)
      store<u32>(step, change)
      countPre(change)
      i++
    }
    step += 4
  }
  buildLengths(preFrequencies, PRE_SYMBOLS, PRE_BITS, preLengths)
  return step
}

/** How many bits writeLengths() takes. */
export function lengthsCost(before: usize, lengths: usize, count: u32): u32 {
  const end = planSteps(before, lengths, count)
  let bits: u32 = PRE_SYMBOLS << 2
  for (let symbol: usize = 0; symbol < PRE_SYMBOLS; symbol++)
    bits += load<u32>(preFrequencies + (symbol << 2)) * load<u8>(preLengths + symbol)
  for (let step = steps; step < end; step += 4) {
    const symbol = load<u8>(step)
    if (symbol === 17) bits += 4
    else if (symbol === 18) bits += 5
    else if (symbol === 19) bits += 1
  }
  return bits
}

export function writeLengths(before: usize, lengths: usize, count: u32): void {
  const end = planSteps(before, lengths, count)
  buildWords(preLengths, PRE_SYMBOLS, preWords)
  for (let symbol: usize = 0; symbol < PRE_SYMBOLS; symbol++) put(load<u8>(preLengths + symbol), 4)
  for (let step = steps; step < end; step += 4) {
    const symbol: u32 = load<u8>(step)
    const extra: u32 = load<u8>(step, 1)
    putPre(symbol)
    if (symbol === 17) put(extra, 4)
    else if (symbol === 18) put(extra, 5)
    else if (symbol === 19) {
      put(extra, 1)
      putPre(load<u8>(step, 2))
    }
  }
}

function putPre(symbol: u32): void {
  const word = load<u32>(preWords + (<usize>symbol << 2))
  put(word >> 5, word & 31)
}
