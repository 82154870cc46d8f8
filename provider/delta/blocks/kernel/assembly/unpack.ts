// gzip (RFC 1952) with deflate (RFC 1951) into its tokens: nothing is lost, and nothing is expanded.
import {
  DISTANCE_ROOT, END, endOfHead, EXTRA_SHIFT, fixedLengths, LITERAL, LITERAL_ROOT, lengths, makeTable, NO_CODE,
  readLengths, SUBTABLE,
} from './codes'
import {
  CUT_SHORT, DAMAGED, DONE, DYNAMIC, END_OF_BLOCK, FIXED, LITERALS, MARGIN, MAX_HEAD, MEMBER, MORE, REST,
  SOME_LITERALS, STORED, UNUSUAL,
} from './status'

const literalTable: usize = memory.data(8192 * 4)
const distanceTable: usize = memory.data(8192 * 4)

// Where in the stream the next call continues.
const AT_MEMBER: u32 = 0
const AT_BLOCK: u32 = 1
const IN_TOKENS: u32 = 2
const IN_STORED: u32 = 3
const AT_END: u32 = 4
const IN_REST: u32 = 5

let mode: u32 = AT_MEMBER
let isFinal: bool = false
let members: u32 = 0
let storedLeft: usize = 0
let bits: u64 = 0
let count: u32 = 0
let at: usize = 0
let out: usize = 0
/** The first byte of the sequence that has only literals so far; `out` if there is none. */
let open: usize = 0

/** How many bytes of input the last call took. */
export let unpackTook: usize = 0
/** How many bytes of output are final; the bytes after them stay where they are until the next call. */
export let unpackMade: usize = 0

export function startUnpack(): void {
  mode = AT_MEMBER
  members = 0
  bits = 0
  count = 0
  out = 0
  open = 0
}

/**
 * Goes on for as long as there is room for a step; needs MARGIN readable bytes after the input.
 * @param last nothing follows this input
 */
export function unpack(input: usize, inputSize: usize, output: usize, outputSize: usize, last: bool): u32 {
  const pending = out - open
  memory.copy(output, open, pending)
  open = output
  out = output + pending
  at = input
  const end = input + inputSize
  // Outputs are larger than two margins.
  const status = steps(end, last ? end : end - min(MARGIN, inputSize), output + outputSize - MARGIN, last)
  giveBack()
  unpackTook = min(at, end) - input
  unpackMade = open - output
  return status
}

function steps(end: usize, stop: usize, full: usize, last: bool): u32 {
  while (out < full) {
    const real = at - ((count >>> 3) as usize)
    if (real > end) return CUT_SHORT
    if (last && real == end) {
      if ((mode == AT_MEMBER && members > 0) || mode == IN_REST) return close(DONE)
      if (mode == AT_MEMBER || mode == IN_STORED) return CUT_SHORT
    }
    if (!last && at >= stop) return MORE
    let status: u32 = MORE
    if (mode == AT_MEMBER) status = memberHead(end)
    else if (mode == AT_BLOCK) status = blockHead()
    else if (mode == IN_TOKENS) status = tokens(stop, full, end, last)
    else if (mode == IN_STORED) plainBytes(end, full)
    else if (mode == AT_END) memberEnd()
    else restBytes(end, full)
    if (status != MORE) return status
  }
  return MORE
}

// @ts-ignore: decorator
@inline
function close(status: u32): u32 {
  open = out
  return status
}

/** Gives whole bytes that were only looked at back to the input. */
function giveBack(): void {
  at -= (count >>> 3) as usize
  count &= 7
  bits &= ((1 as u64) << (count as u64)) - 1
}

// @ts-ignore: decorator
@inline
function refill(): void {
  bits |= load<u64>(at) << (count as u64)
  at += ((63 - count) >>> 3) as usize
  count |= 56
}

// @ts-ignore: decorator
@inline
function drop(number: u32): void {
  bits >>= number as u64
  count -= number
}

/** RFC 1952, 2.3. Anything after the first member that is not a member is kept as it is. */
function memberHead(end: usize): u32 {
  if ((load<u32>(at) & 0xffffff) != 0x088b1f) {
    if (members == 0) return DAMAGED
    store<u8>(out++, REST as u8)
    open = out
    mode = IN_REST
    return MORE
  }
  const flags = load<u8>(at, 3)
  if (flags & 0xe0) return UNUSUAL
  let size: usize = 10
  if (flags & 4) size += 2 + (load<u16>(at + size) as usize)
  if (size > MAX_HEAD) return UNUSUAL
  for (let texts: u32 = ((flags >>> 3) & 1) + ((flags >>> 4) & 1); texts > 0; texts--) {
    while (size <= MAX_HEAD && load<u8>(at + size) != 0) size++
    size++
  }
  if (flags & 2) size += 2
  if (size > MAX_HEAD) return UNUSUAL
  if (at + size > end) return CUT_SHORT
  store<u8>(out, MEMBER as u8)
  store<u16>(out, size as u16, 1)
  memory.copy(out + 3, at, size)
  out += 3 + size
  open = out
  at += size
  members++
  mode = AT_BLOCK
  return MORE
}

/** The CRC and the size after the last block are kept, not compared: the digest of the whole is enough. */
function memberEnd(): void {
  giveBack()
  store<u8>(out, bits as u8)
  bits = 0
  count = 0
  memory.copy(out + 1, at, 8)
  at += 8
  out += 9
  open = out
  mode = AT_MEMBER
}

function blockHead(): u32 {
  refill()
  isFinal = (bits & 1) != 0
  const kind = ((bits >> 1) & 3) as u32
  store<u8>(out++, (bits & 7) as u8)
  drop(3)
  if (kind == STORED) storedHead()
  else if (kind == FIXED) {
    fixedLengths()
    makeTables()
  } else if (kind != DYNAMIC || !dynamicHead()) return DAMAGED
  if (kind == STORED && !storedFits) return DAMAGED
  open = out
  mode = kind == STORED ? IN_STORED : IN_TOKENS
  return MORE
}

let storedFits: bool = false

function storedHead(): void {
  giveBack()
  store<u8>(out, bits as u8)
  bits = 0
  count = 0
  const size = load<u16>(at)
  storedFits = (size ^ load<u16>(at, 2)) == 0xffff
  store<u16>(out, size, 1)
  out += 3
  at += 4
  storedLeft = size as usize
}

function makeTables(): bool {
  return (
    makeTable(lengths, 288, LITERAL_ROOT, literalTable, false) &&
    makeTable(lengths + 288, 32, DISTANCE_ROOT, distanceTable, true)
  )
}

/** The head is kept bit by bit: there are several ways to write the same lengths. */
function dynamicHead(): bool {
  giveBack()
  // The bits that are held are the upper ones of the previous byte.
  const from = at - (count > 0 ? 1 : 0)
  const first = (count > 0 ? 8 - count : 0) as usize
  if (!readLengths(from, first)) return false
  if (!makeTables()) return false
  const size = endOfHead - first
  store<u16>(out, size as u16)
  out += 2
  for (let done: usize = 0; done < size; done += 8) {
    let byte = load<u16>(from + ((first + done) >> 3)) >>> ((first & 7) as u16)
    if (size - done < 8) byte &= (1 << ((size - done) as u16)) - 1
    store<u8>(out++, byte as u8)
  }
  at = from + (endOfHead >> 3)
  const over = (endOfHead & 7) as u32
  bits = 0
  count = 0
  if (over > 0) {
    bits = (load<u8>(at++) >>> (over as u8)) as u64
    count = 8 - over
  }
  return true
}

/** With copies of the variables that the loop uses: those of the module would be kept in memory. */
function tokens(stop: usize, full: usize, end: usize, last: bool): u32 {
  const firstMask: usize = (1 << LITERAL_ROOT) - 1
  const distanceMask: usize = (1 << DISTANCE_ROOT) - 1
  let b = bits
  let c = count as u64
  let i = at
  let o = out
  // A sequence begins with the number of its literals, which is not known yet.
  let start = open
  if (o == start) o++
  while (o < full && (i < stop || last)) {
    if (last && i - ((c >>> 3) as usize) > end) return CUT_SHORT
    b |= load<u64>(i) << c
    i += ((63 - c) >>> 3) as usize
    c |= 56
    let entry = load<u32>(literalTable + (((b as usize) & firstMask) << 2))
    if (entry & SUBTABLE) entry = below(literalTable, entry, b >> (LITERAL_ROOT as u64))
    const saved = b
    b >>= (entry & 0xff) as u64
    c -= (entry & 0xff) as u64
    if (entry & LITERAL) {
      store<u8>(o++, (entry >>> 16) as u8)
      if (o - start == LITERALS + 1) {
        store<u8>(start, LITERALS as u8)
        start = o++
      }
      // There is room for one more in what is held.
      entry = load<u32>(literalTable + (((b as usize) & firstMask) << 2))
      if (!(entry & LITERAL)) continue
      b >>= (entry & 0xff) as u64
      c -= (entry & 0xff) as u64
      store<u8>(o++, (entry >>> 16) as u8)
      if (o - start == LITERALS + 1) {
        store<u8>(start, LITERALS as u8)
        start = o++
      }
      continue
    }
    if (entry & (END | NO_CODE)) {
      if (entry & NO_CODE) return DAMAGED
      bits = b
      count = c as u32
      at = i
      endBlock(start, o)
      return MORE
    }
    let extra = (entry >>> EXTRA_SHIFT) & 15
    const length = (entry >>> 16) + extraBits(saved, entry, extra)
    // The longest length, written with the code before its own (RFC 1951 has two ways): no encoder does that.
    if (length == 258 && extra != 0) return UNUSUAL
    entry = load<u32>(distanceTable + (((b as usize) & distanceMask) << 2))
    if (entry & SUBTABLE) entry = below(distanceTable, entry, b >> (DISTANCE_ROOT as u64))
    if (entry & NO_CODE) return DAMAGED
    extra = (entry >>> EXTRA_SHIFT) & 15
    const distance = (entry >>> 16) + extraBits(b, entry, extra)
    b >>= (entry & 0xff) as u64
    c -= (entry & 0xff) as u64
    store<u8>(start, (o - start - 1) as u8)
    store<u8>(o, (length - 3) as u8)
    store<u16>(o, (distance - 1) as u16, 1)
    start = o + 3
    o = start + 1
  }
  bits = b
  count = c as u32
  at = i
  open = start
  out = o == start + 1 ? start : o
  return MORE
}

/** The number in the extra bits, which come after the code. */
// @ts-ignore: decorator
@inline
function extraBits(from: u64, entry: u32, extra: u32): u32 {
  return ((from >> (((entry & 0xff) - extra) as u64)) as u32) & ((1 << extra) - 1)
}

/** Where an entry leads that is only the beginning of a longer code; the bits are those after the beginning. */
// @ts-ignore: decorator
@inline
function below(table: usize, entry: u32, rest: u64): u32 {
  const mask: usize = (1 << ((entry >>> EXTRA_SHIFT) & 15)) - 1
  return load<u32>(table + (((entry >>> 16) as usize) << 2) + (((rest as usize) & mask) << 2))
}

function endBlock(start: usize, o: usize): void {
  const literals = (o - start - 1) as u32
  out = o
  if (literals > 0) {
    // It takes one more byte to say how many there are.
    memory.copy(start + 2, start + 1, literals as usize)
    store<u8>(start, SOME_LITERALS as u8)
    store<u8>(start, literals as u8, 1)
    out = o + 1
  } else out = start
  store<u8>(out++, END_OF_BLOCK as u8)
  open = out
  mode = isFinal ? AT_END : AT_BLOCK
}

function plainBytes(end: usize, full: usize): void {
  const size = min(storedLeft, min(end - at, full - out))
  copyThrough(size)
  storedLeft -= size
  if (storedLeft == 0) mode = isFinal ? AT_END : AT_BLOCK
}

function restBytes(end: usize, full: usize): void {
  copyThrough(min(end - at, full - out))
}

function copyThrough(size: usize): void {
  memory.copy(out, at, size)
  at += size
  out += size
  open = out
}
