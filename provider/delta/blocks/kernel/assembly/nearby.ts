// The finer step: literals are looked for in the bytes of the base around the place where they would be.

/** How many bytes of the base and of literals are looked at, at once. */
export const MOST_NEAR: usize = 32768
/** How far before and after the expected place to look. */
export const AROUND: usize = 384
/** Eight bytes determine a place; a copy from nearby costs about half of them. */
const LEAST: usize = 8

const TABLE_BITS: u32 = 14
const places: usize = memory.data(2 << 14)
/** The base's bytes around the expected place, in one piece; eight more may be read. */
export const near: usize = memory.data(65536 + 16)

let shift: u32 = 0

/** Enters each place of the first `size` bytes of `near`, at most 65535. */
export function enterNear(size: usize): void {
  let tableBits: u32 = 6
  while (tableBits < TABLE_BITS && ((1 as usize) << (tableBits as usize)) < size) tableBits++
  shift = 64 - tableBits
  memory.fill(places, 0, (2 as usize) << (tableBits as usize))
  if (size < LEAST) return
  for (let i: usize = 0; i <= size - LEAST; i++) store<u16>(slotOf(near + i), (i + 1) as u16)
}

// @ts-ignore: decorator
@inline
function slotOf(at: usize): usize {
  return places + (((load<u64>(at) * 0x9e3779b97f4a7c15) >>> (shift as u64)) as usize << 1)
}

/** Where in `near` the copy begins that `findNear` found. */
export let nearStart: usize = 0
/** Where it begins in the literals. */
export let nearAt: usize = 0

/** The first copy of at least eight bytes; returns its length, or 0. */
export function findNear(at: usize, end: usize, size: usize): usize {
  const first = at
  for (; at + LEAST <= end; at++) {
    const place = load<u16>(slotOf(at)) as usize
    if (place == 0 || load<u64>(near + place - 1) != load<u64>(at)) continue
    let from = place - 1
    let start = at
    while (start > first && from > 0 && load<u8>(start - 1) == load<u8>(near + from - 1)) {
      start--
      from--
    }
    let length = at - start + LEAST
    while (start + length < end && from + length < size && load<u8>(start + length) == load<u8>(near + from + length))
      length++
    nearStart = from
    nearAt = start
    return length
  }
  return 0
}
