import type { EncodeSetup } from './encode-job.js'

/** Encoders read a few bytes beyond the input; resources have a chunk table beside their chunks. */
const SLACK = 64 * 1024

/** Where the input and the output of a slot lie, from where the memory is free. */
export function slotPlace(setup: EncodeSetup, slot: number): { inputAt: number; outputAt: number } {
  const inputAt = slot * slotSize(setup)
  return { inputAt, outputAt: inputAt + setup.unitSize + SLACK }
}

/** What so many slots take. */
export function memorySize(setup: EncodeSetup, slots: number): number {
  return slots * slotSize(setup)
}

function slotSize({ unitSize }: EncodeSetup): number {
  return 2 * (unitSize + SLACK)
}
