import { compressLzx, scratchSize } from './lzx'
import { compressXpress } from './xpress'

/** The first byte that the tables do not use: scratch memory, inputs and outputs are laid from here on. */
export const base: usize = __heap_base

export function xpress(input: usize, size: usize, output: usize, depth: u32, nice: u32): usize {
  return compressXpress(input, size, output, depth, nice)
}

export function lzx(input: usize, size: usize, output: usize, window: u32, scratch: usize): usize {
  return compressLzx(input, size, output, window, scratch)
}

export function lzxScratch(window: u32): usize {
  return scratchSize(window)
}
