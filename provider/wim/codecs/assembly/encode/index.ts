import { compressXpress } from './xpress'

/** The first byte that the tables do not use: inputs and outputs are laid from here on. */
export const base: usize = __heap_base

export function xpress(input: usize, size: usize, output: usize, depth: u32, nice: u32): usize {
  return compressXpress(input, size, output, depth, nice)
}
