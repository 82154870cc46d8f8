// The bit writer of LZX: 16-bit little-endian words, filled from the highest bit.
let buffer: u64 = 0
let bits: u32 = 0
let at: usize = 0

export function startBits(output: usize): void {
  buffer = 0
  bits = 0
  at = output
}

// @ts-ignore: decorator
@inline
export function put(value: u32, n: u32): void {
  buffer = (buffer << n) | value
  bits += n
  while (bits >= 16) {
    bits -= 16
    store<u16>(at, <u16>(buffer >> bits))
    at += 2
  }
}

/** Fills the last word and gives where the output ends. */
export function endBits(): usize {
  if (bits > 0) put(0, 16 - bits)
  return at
}
