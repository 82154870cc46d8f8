import { decompressLzms } from './lzms'
import { decompressLzx } from './lzx'
import { decompressXpress } from './xpress'

/** The first byte that the tables do not use: inputs and outputs are laid from here on. */
export const base: usize = __heap_base

export function xpress(input: usize, inputSize: usize, output: usize, outputSize: usize): bool {
  return decompressXpress(input, inputSize, output, outputSize)
}

export function lzx(input: usize, inputSize: usize, output: usize, outputSize: usize, window: u32): bool {
  return decompressLzx(input, inputSize, output, outputSize, window)
}

export function lzms(
  input: usize,
  inputSize: usize,
  output: usize,
  outputSize: usize,
  window: usize,
): bool {
  return decompressLzms(input, inputSize, output, outputSize, window)
}
