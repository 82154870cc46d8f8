// Turns the tokens of a gzip file back into its bytes: the opposite of unpack.ts.
import {
  distanceBase, distanceExtra, endOfHead, fixedLengths, lengthBase, lengthExtra, lengths, makeCodes, readLengths,
} from './codes'
import {
  CUT_SHORT, DAMAGED, DONE, DYNAMIC, END_OF_BLOCK, FIXED, LITERALS, MARGIN, MAX_HEAD, MEMBER, MORE, REST,
  SOME_LITERALS, STORED,
} from './status'

/** Codes, with the number of their bits above them. */
const LENGTH_SHIFT: u32 = 24
const literalCodes: usize = memory.data(288 * 4)
/** For each length, its code with its extra bits, ready to be written. */
const matchCodes: usize = memory.data(256 * 4)
const distanceCodes: usize = memory.data(32 * 4)
/** The codes of distances less one: for each below 256, then for every 128th. */
const distanceSymbols: usize = memory.data(512)
const lengthSymbols: usize = memory.data(256)
/** For each distance code, its extra bits, and above them the smallest distance less one. */
const distanceExtras: usize = memory.data(32 * 4)
let tablesMade: bool = false

const AT_MEMBER: u32 = 0
const AT_BLOCK: u32 = 1
const IN_TOKENS: u32 = 2
const IN_STORED: u32 = 3
const AT_END: u32 = 4
const IN_REST: u32 = 5

let mode: u32 = AT_MEMBER
let isFinal: bool = false
let storedLeft: usize = 0
let bits: u64 = 0
let count: u32 = 0
let at: usize = 0
let out: usize = 0

/** How many bytes of input the last call took, and how many bytes of output it made. */
export let packTook: usize = 0
export let packMade: usize = 0

export function startPack(): void {
  mode = AT_MEMBER
  bits = 0
  count = 0
  if (!tablesMade) makeSymbols()
}

function makeSymbols(): void {
  for (let code: u32 = 0; code < 29; code++)
    for (let i: u32 = 0; i < 1 << lengthExtra(code); i++) {
      const length = lengthBase(code) + i
      if (length < 258 || code == 28) store<u8>(lengthSymbols + ((length - 3) as usize), code as u8)
    }
  for (let code: u32 = 0; code < 30; code++) {
    const extras = ((distanceBase(code) - 1) << 8) | distanceExtra(code)
    store<u32>(distanceExtras + ((code as usize) << 2), extras)
    for (let i: u32 = 0; i < 1 << distanceExtra(code); i++) {
      const less = distanceBase(code) + i - 1
      store<u8>(distanceSymbols + ((less < 256 ? less : 256 + (less >>> 7)) as usize), code as u8)
    }
  }
  tablesMade = true
}

/**
 * Goes on for as long as there is room for a step; needs MARGIN readable bytes after the input.
 * @param last nothing follows this input
 */
export function pack(input: usize, inputSize: usize, output: usize, outputSize: usize, last: bool): u32 {
  at = input
  out = output
  const end = input + inputSize
  const status = steps(end, last ? end : end - min(MARGIN, inputSize), output + outputSize - MARGIN, last)
  packTook = min(at, end) - input
  packMade = out - output
  return status
}

function steps(end: usize, stop: usize, full: usize, last: bool): u32 {
  while (out < full) {
    if (at >= stop) {
      if (!last) return MORE
      return at == end && (mode == AT_MEMBER || mode == IN_REST) ? DONE : CUT_SHORT
    }
    let status: u32 = MORE
    if (mode == AT_MEMBER) status = memberHead(end)
    else if (mode == AT_BLOCK) status = blockHead()
    else if (mode == IN_TOKENS) status = tokens(stop, full)
    else if (mode == IN_STORED) plainBytes(end, full)
    else if (mode == AT_END) status = memberEnd()
    else copyThrough(min(end - at, full - out))
    if (status != MORE) return status
    if (at > end) return CUT_SHORT
  }
  return MORE
}

// @ts-ignore: decorator
@inline
function put(value: u32, number: u32): void {
  bits |= (value as u64) << (count as u64)
  count += number
}

// @ts-ignore: decorator
@inline
function flush(): void {
  store<u64>(out, bits)
  out += (count >>> 3) as usize
  bits >>= (count & 56) as u64
  count &= 7
}

function memberHead(end: usize): u32 {
  const kind = load<u8>(at++) as u32
  if (kind == REST) {
    mode = IN_REST
    return MORE
  }
  const size = load<u16>(at) as usize
  at += 2
  if (kind != MEMBER || size > MAX_HEAD) return DAMAGED
  if (at + size > end) return CUT_SHORT
  copyThrough(size)
  mode = AT_BLOCK
  return MORE
}

/** Fills up the byte with the bits that were there originally. */
function align(filling: u32): bool {
  const free = (8 - (count & 7)) & 7
  if (filling >>> free) return false
  put(filling, free)
  flush()
  return true
}

function memberEnd(): u32 {
  if (!align(load<u8>(at++) as u32)) return DAMAGED
  copyThrough(8)
  mode = AT_MEMBER
  return MORE
}

function blockHead(): u32 {
  const head = load<u8>(at++) as u32
  isFinal = (head & 1) != 0
  const kind = head >>> 1
  put(head, 3)
  flush()
  mode = IN_TOKENS
  if (kind == STORED) return storedHead()
  if (kind == FIXED) fixedLengths()
  else if (kind != DYNAMIC || !dynamicHead()) return DAMAGED
  return makeTables() ? MORE : DAMAGED
}

function storedHead(): u32 {
  if (!align(load<u8>(at) as u32)) return DAMAGED
  const size = load<u16>(at, 1) as u32
  at += 3
  put(size | ((~size & 0xffff) << 16), 32)
  flush()
  storedLeft = size as usize
  mode = storedLeft > 0 ? IN_STORED : afterBlock()
  return MORE
}

function afterBlock(): u32 {
  return isFinal ? AT_END : AT_BLOCK
}

function dynamicHead(): bool {
  const size = load<u16>(at) as usize
  at += 2
  if (!readLengths(at, 0) || endOfHead != size) return false
  for (let left = size as u32; left > 0; ) {
    const taken = min(left, 8 as u32)
    const byte = load<u8>(at++) as u32
    if (byte >>> taken) return false
    put(byte, taken)
    flush()
    left -= taken
  }
  return true
}

function makeTables(): bool {
  if (!makeCodes(lengths, 288, literalCodes) || !makeCodes(lengths + 288, 32, distanceCodes)) return false
  for (let i: u32 = 0; i < 288; i++) withLength(literalCodes, i, load<u8>(lengths + (i as usize)) as u32)
  for (let i: u32 = 0; i < 32; i++) withLength(distanceCodes, i, load<u8>(lengths + 288 + (i as usize)) as u32)
  for (let i: u32 = 0; i < 256; i++) {
    const symbol = load<u8>(lengthSymbols + (i as usize)) as u32
    const entry = load<u32>(literalCodes + (((257 + symbol) as usize) << 2))
    const length = entry >>> LENGTH_SHIFT
    const extra = i + 3 - lengthBase(symbol)
    const ready = length == 0 ? 0 : entry + (extra << length) + (lengthExtra(symbol) << LENGTH_SHIFT)
    store<u32>(matchCodes + ((i as usize) << 2), ready)
  }
  return true
}

function withLength(codes: usize, i: u32, length: u32): void {
  const place = codes + ((i as usize) << 2)
  store<u32>(place, length == 0 ? 0 : load<u32>(place) | (length << LENGTH_SHIFT))
}

const CODE: u32 = (1 << LENGTH_SHIFT) - 1

/** With copies of the variables that the loop uses: those of the module would be kept in memory. */
function tokens(stop: usize, full: usize): u32 {
  let b = bits
  let c = count as u64
  let i = at
  let o = out
  while (i < stop && o < full) {
    const kind = load<u8>(i++) as u32
    if (kind > SOME_LITERALS) {
      if (kind != END_OF_BLOCK) return DAMAGED
      const entry = load<u32>(literalCodes + 1024)
      bits = b
      count = c as u32
      at = i
      out = o
      put(entry & CODE, entry >>> LENGTH_SHIFT)
      flush()
      mode = afterBlock()
      return MORE
    }
    const literals = kind == SOME_LITERALS ? (load<u8>(i++) as usize) : (kind as usize)
    for (const end = i + literals; i < end; ) {
      // There is room for three literals between two flushes.
      for (const few = min(end, i + 3); i < few; i++) {
        const entry = load<u32>(literalCodes + ((load<u8>(i) as usize) << 2))
        if (entry == 0) return DAMAGED
        b |= ((entry & CODE) as u64) << c
        c += (entry >>> LENGTH_SHIFT) as u64
      }
      store<u64>(o, b)
      o += (c >>> 3) as usize
      b >>= c & 56
      c &= 7
    }
    if (kind >= LITERALS) continue
    const match = load<u32>(matchCodes + ((load<u8>(i) as usize) << 2))
    const less = load<u16>(i, 1) as u32
    i += 3
    if (less > 32767) return DAMAGED
    const symbol = load<u8>(distanceSymbols + ((less < 256 ? less : 256 + (less >>> 7)) as usize)) as usize
    const entry = load<u32>(distanceCodes + (symbol << 2))
    if (match == 0 || entry == 0) return DAMAGED
    b |= ((match & CODE) as u64) << c
    c += (match >>> LENGTH_SHIFT) as u64
    b |= ((entry & CODE) as u64) << c
    c += (entry >>> LENGTH_SHIFT) as u64
    const extra = load<u32>(distanceExtras + (symbol << 2))
    b |= ((less - (extra >>> 8)) as u64) << c
    c += (extra & 0xff) as u64
    store<u64>(o, b)
    o += (c >>> 3) as usize
    b >>= c & 56
    c &= 7
  }
  bits = b
  count = c as u32
  at = i
  out = o
  return MORE
}

function plainBytes(end: usize, full: usize): void {
  const size = min(storedLeft, min(end - at, full - out))
  copyThrough(size)
  storedLeft -= size
  if (storedLeft == 0) mode = afterBlock()
}

/** Possible only if the output is at the start of a byte. */
function copyThrough(size: usize): void {
  memory.copy(out, at, size)
  at += size
  out += size
}
