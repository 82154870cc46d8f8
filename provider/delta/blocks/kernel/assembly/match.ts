// Finds bytes of a base, by anchors: places that are chosen by the bytes before them, whatever their offset.

import { AROUND, enterNear, findNear, MOST_NEAR, near, nearAt, nearStart } from './nearby'

/** The hash covers this many bytes: it is shifted by two bits for each. */
const WINDOW: usize = 16
/** A shorter copy would cost more than its bytes. */
const LEAST: u32 = 20
/** How far ahead to look for a copy that continues after a few changed bytes. */
const AHEAD: usize = 64
/** A copy that continues after changed bytes has at least this many. */
const LEAST_AHEAD: u32 = 12

/** An entry's low 40 bits are a position in the base, plus one; above them are bits of the hash. */
const POSITION_BITS: u64 = 40
const POSITION: u64 = ((1 as u64) << POSITION_BITS) - 1

// @ts-ignore: decorator
@external('env', 'loadPage')
declare function loadPage(page: u32): usize

const gear: usize = memory.data(256 * 4)
let table: usize = 0
let slotShift: u32 = 0
/** An anchor is a place whose hash is below this. */
let anchorBelow: u32 = 0
let pages: usize = 0
let pageShift: u64 = 0
let baseSize: u64 = 0

/** Copies and literals that the last call found, 16 bytes each: literals u32, copied u32, position u64. */
let found: usize = 0
export let foundCount: u32 = 0

/**
 * @param slots log 2 of the number of entries, 8 bytes each, in the table; all of them are 0
 * @param rarity an anchor is one place in 2^rarity
 * @param pageTable 4 bytes for each page of the base: where it is in memory, or 0
 * @param pageBits log 2 of the size of a page
 */
export function startMatch(
  tableAt: usize, slots: u32, rarity: u32, pageTable: usize, pageBits: u32, size: u64, foundAt: usize,
): void {
  table = tableAt
  slotShift = 32 - slots
  anchorBelow = 1 << (32 - rarity)
  pages = pageTable
  pageShift = pageBits as u64
  baseSize = size
  found = foundAt
  expected = NOWHERE
  rolled = 0
  makeGear()
}

/** 256 numbers that look random (xorshift, as given by Marsaglia). */
function makeGear(): void {
  let x: u32 = 0x9e3779b9
  for (let i: usize = 0; i < 256; i++) {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    store<u32>(gear + (i << 2), x)
  }
}

// @ts-ignore: decorator
@inline
function roll(hash: u32, at: usize): u32 {
  return (hash << 2) + load<u32>(gear + ((load<u8>(at) as usize) << 2))
}

// @ts-ignore: decorator
@inline
function slotOf(hash: u32): usize {
  return table + (((hash * 0x9e3779b1) >>> slotShift) as usize << 3)
}

/** Bits of the hash that distinguish two anchors that share a slot. */
// @ts-ignore: decorator
@inline
function markOf(hash: u32): u64 {
  return ((hash * 0x85ebca6b) >>> 8) as u64
}

let rolled: u32 = 0

/**
 * Enters the anchors of the base's next bytes; the first one in a slot stays there.
 * @param position of the first byte in the base
 */
export function addBase(at: usize, size: usize, position: u64): void {
  let hash = rolled
  const shift = position + 1 - (at as u64)
  for (const end = at + size; at < end; at++) {
    hash = roll(hash, at)
    if (hash >= anchorBelow) continue
    const slot = slotOf(hash)
    if (load<u64>(slot) == 0) store<u64>(slot, (markOf(hash) << POSITION_BITS) | ((at as u64) + shift))
  }
  rolled = hash
}

const NOWHERE: i64 = i64.MIN_VALUE
/** Position in the base minus address in memory, along the last copy. */
let expected: i64 = NOWHERE

/** The new bytes are at another address now. */
export function moveMatch(by: i64): void {
  if (expected != NOWHERE) expected += by
}

/** Finds which of these bytes the base has. The last literals have a copy of length 0. */
export function match(from: usize, size: usize): void {
  const end = from + size
  let literals = from
  let at = from
  let hash: u32 = 0
  foundCount = 0
  if (expected != NOWHERE) at = goOn(from, from, end)
  literals = at
  let warm = at + WINDOW
  while (at < end) {
    hash = roll(hash, at)
    at++
    if (hash >= anchorBelow || at < warm) continue
    let place = candidate(hash)
    if (expected != NOWHERE) {
      const along = (at as i64) + expected
      if (along > 0 && (along as u64) < baseSize && (along as u64) != place && sameByte(at - 1, along as u64 - 1))
        if (longer(at, along as u64, place, end, literals)) place = along as u64
    }
    if (place == 0) continue
    const forward = ahead(at, place, end)
    const back = behind(at, place, literals)
    if (((forward + back) as u32) < LEAST) continue
    noteBehind(literals, at - back, forward + back, place - (back as u64))
    expected = (place as i64) - (at as i64)
    at += forward
    at = goOn(at, at, end)
    literals = at
    // Hashes the bytes just copied, so that anchors after them are found.
    hash = 0
    warm = at + WINDOW
    if (at - from >= WINDOW) {
      for (let i = at - WINDOW; i < at; i++) hash = roll(hash, i)
      warm = at
    }
  }
  if (end > literals) noteBehind(literals, end, 0, 0)
}

/** Notes a copy and the literals before it, in which smaller copies are looked for. */
function noteBehind(literals: usize, end: usize, copied: usize, place: u64): void {
  if (expected != NOWHERE && end - literals >= 16) literals = refine(literals, end)
  if (end > literals || copied > 0) note(end - literals, copied, place)
}

/** Notes copies from where the literals would be along the last copy; returns where the remaining literals are. */
function refine(literals: usize, end: usize): usize {
  let at = literals
  while (end - at >= 16) {
    const stop = at + min(end - at, MOST_NEAR)
    const size = takeNear((at as i64) + expected, stop - at)
    if (size < 16) return literals
    const start = nearPosition
    enterNear(size)
    while (at < stop) {
      const length = findNear(at, stop, size)
      if (length == 0) break
      note(nearAt - literals, length, start + (nearStart as u64))
      at = nearAt + length
      literals = at
    }
    at = stop
  }
  return literals
}

let nearPosition: u64 = 0

/** Brings the base's bytes around a place together; returns how many there are. */
function takeNear(place: i64, size: usize): usize {
  const from = max(place - (AROUND as i64), 0) as u64
  const end = min((max(place, 0) as u64) + ((size + AROUND) as u64), baseSize)
  nearPosition = from
  let taken: usize = 0
  for (let position = from; position < end; ) {
    const within = position & (((1 as u64) << pageShift) - 1)
    const count = min(((1 as u64) << pageShift) - within, end - position) as usize
    memory.copy(near + taken, pageAt(position) + (within as usize), count)
    taken += count
    position += count as u64
  }
  return taken
}

function candidate(hash: u32): u64 {
  const entry = load<u64>(slotOf(hash))
  if (entry == 0 || entry >> POSITION_BITS != markOf(hash)) return 0
  return entry & POSITION
}

function longer(at: usize, one: u64, other: u64, end: usize, literals: usize): bool {
  const length = ahead(at, one, end) + behind(at, one, literals)
  return other == 0 || length >= ahead(at, other, end) + behind(at, other, literals)
}

/** Goes on along the last copy, past a few changed bytes, as long as that works. Returns where literals begin. */
function goOn(at: usize, literals: usize, end: usize): usize {
  while (at < end) {
    const stop = min(at + AHEAD, end)
    let found: usize = 0
    for (let i = at; i < stop; i++) {
      const place = (i as i64) + expected
      if (place < 0 || (place as u64) + 8 > baseSize) return literals
      const address = inPage(place as u64)
      if (address == 0 || i + 8 > end || load<u64>(i) != load<u64>(address)) continue
      const length = ahead(i, place as u64, end)
      if ((length as u32) < LEAST_AHEAD && i > at) continue
      note(i - literals, length, place as u64)
      found = i + length
      break
    }
    if (found == 0) return literals
    at = found
    literals = found
  }
  return literals
}

/** Where in memory eight bytes of the base are; 0 if they are in two pages. */
// @ts-ignore: decorator
@inline
function inPage(place: u64): usize {
  const within = (place & (((1 as u64) << pageShift) - 1)) as usize
  if (within + 8 > ((1 as usize) << (pageShift as usize))) return 0
  return pageAt(place) + within
}

// @ts-ignore: decorator
@inline
function pageAt(place: u64): usize {
  const page = (place >> pageShift) as u32
  const address = load<u32>(pages + ((page as usize) << 2)) as usize
  return address != 0 ? address : loadPage(page)
}

function sameByte(at: usize, place: u64): bool {
  const within = (place & (((1 as u64) << pageShift) - 1)) as usize
  return load<u8>(at) == load<u8>(pageAt(place) + within)
}

/** How many bytes from here on are the same in the base. */
function ahead(at: usize, place: u64, end: usize): usize {
  const start = at
  const size = (1 as u64) << pageShift
  while (at < end && place < baseSize) {
    const within = place & (size - 1)
    let other = pageAt(place) + (within as usize)
    const stop = at + min(min(size - within, baseSize - place) as usize, end - at)
    const first = at
    while (at + 16 <= stop && sixteen(at, other)) {
      at += 16
      other += 16
    }
    while (at < stop && load<u8>(at) == load<u8>(other)) {
      at++
      other++
    }
    place += (at - first) as u64
    if (at < stop) break
  }
  return at - start
}

/** How many bytes before these are the same in the base. */
function behind(at: usize, place: u64, literals: usize): usize {
  const start = at
  const size = (1 as u64) << pageShift
  while (at > literals && place > 0) {
    const within = (place - 1) & (size - 1)
    const page = pageAt(place - 1)
    let other = page + (within as usize) + 1
    const stop = at - min((within as usize) + 1, at - literals)
    const first = at
    while (at >= stop + 16 && sixteen(at - 16, other - 16)) {
      at -= 16
      other -= 16
    }
    while (at > stop && load<u8>(at - 1) == load<u8>(other - 1)) {
      at--
      other--
    }
    place -= (first - at) as u64
    if (at > stop) break
  }
  return start - at
}

// @ts-ignore: decorator
@inline
function sixteen(one: usize, other: usize): bool {
  return !v128.any_true(v128.xor(v128.load(one), v128.load(other)))
}

function note(literals: usize, copied: usize, place: u64): void {
  const at = found + ((foundCount as usize) << 4)
  store<u32>(at, literals as u32)
  store<u32>(at, copied as u32, 4)
  store<u64>(at, place, 8)
  foundCount++
}
