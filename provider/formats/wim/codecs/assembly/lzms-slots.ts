/** The slots of LZMS: the lowest value of each (u32) and how many bits follow (u8). */

const OFFSET_SLOTS: u32 = 799
export const LENGTH_SLOTS: u32 = 54

export const offsetBase = memory.data(800 * 4, 8)
export const offsetExtra = memory.data(800, 8)
export const lengthBase = memory.data(55 * 4, 8)
export const lengthExtra = memory.data(55, 8)

let ready = false

/** How many slots have how many extra bits, in order; a count of zero ends the list. */
const offsetRuns = memory.data<u8>([
  8, 0, 9, 2, 7, 3, 10, 4, 15, 5, 15, 6, 20, 7, 20, 8, 30, 9, 33, 10, 40, 11, 42, 12, 45, 13, 60, 14, 73, 15, 80, 16,
  85, 17, 95, 18, 105, 19, 6, 20, 1, 30, 0, 0,
])
const lengthRuns = memory.data<u8>([
  26, 0, 4, 1, 6, 2, 4, 3, 5, 4, 2, 5, 1, 6, 1, 7, 1, 8, 1, 9, 1, 10, 1, 16, 1, 30, 0, 0,
])

export function prepareSlots(): void {
  if (ready) return
  lay(offsetRuns, offsetBase, offsetExtra)
  lay(lengthRuns, lengthBase, lengthExtra)
  ready = true
}

function lay(runs: usize, bases: usize, extras: usize): void {
  let base: u32 = 1
  let slot: usize = 0
  for (; load<u8>(runs) !== 0; runs += 2) {
    const extra = <u32>load<u8>(runs, 1)
    for (let left = <u32>load<u8>(runs); left > 0; left--) {
      store<u32>(bases + (slot << 2), base)
      store<u8>(extras + slot, extra)
      base += 1 << extra
      slot++
    }
  }
}

/** How many offset slots a chunk of this size can need: up to that of size - 1. */
export function offsetSlotsFor(size: u32): u32 {
  let slot: u32 = 0
  while (slot + 1 < OFFSET_SLOTS && load<u32>(offsetBase + (<usize>(slot + 1) << 2)) <= size - 1) slot++
  return slot + 1
}
