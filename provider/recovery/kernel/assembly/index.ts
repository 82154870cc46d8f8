/** The first byte that is free: rows, inputs and coefficients are laid from here on. */
export const base: usize = __heap_base

/** What x^16 leaves in the field of PAR 2.0, whose generator is 0x1100B. */
const REMAINDER: u32 = 0x100b

// Which of sixteen places have bit 0, 1, 2, 3 set in their number.
const BIT_0 = i8x16(0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1)
const BIT_1 = i8x16(0, 0, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1)
const BIT_2 = i8x16(0, 0, 0, 0, -1, -1, -1, -1, 0, 0, 0, 0, -1, -1, -1, -1)
const BIT_3 = i8x16(0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1)

/**
 * Adds to each row the sum of all inputs times their coefficients. Everything lies in groups of 32 bytes:
 * the low bytes of sixteen words, then their high bytes (see `split`).
 * @param length bytes of each input and row, a multiple of 32
 * @param coefficients 16 bits each, those of one row side by side; from row to row it is `coefficientStride` bytes
 * @param tables room for 256 bytes, of this thread alone
 */
export function multiply(
  rows: usize,
  rowStride: usize,
  rowCount: u32,
  inputs: usize,
  inputStride: usize,
  inputCount: u32,
  length: usize,
  coefficients: usize,
  coefficientStride: usize,
  tables: usize,
): void {
  for (let row: u32 = 0; row < rowCount; row++) {
    for (let i: u32 = 0; i < inputCount; i++) {
      const coefficient = load<u16>(coefficients + ((i as usize) << 1)) as u32
      if (coefficient == 0) continue
      makeTables(tables, coefficient)
      add(rows, inputs + (i as usize) * inputStride, length, tables)
    }
    rows += rowStride
    coefficients += coefficientStride
  }
}

/** Parts words into the groups of low and high bytes that `multiply` works on. */
export function split(output: usize, input: usize, length: usize): void {
  const low = i16x8.splat(0xff)
  for (let at: usize = 0; at < length; at += 32) {
    const a = v128.load(input + at)
    const b = v128.load(input + at, 16)
    v128.store(output + at, i8x16.narrow_i16x8_u(v128.and(a, low), v128.and(b, low)))
    v128.store(output + at, i8x16.narrow_i16x8_u(i16x8.shr_u(a, 8), i16x8.shr_u(b, 8)), 16)
  }
}

/** Undoes `split`; output and input may be the same. */
export function join(output: usize, input: usize, length: usize): void {
  for (let at: usize = 0; at < length; at += 32) {
    const low = v128.load(input + at)
    const high = v128.load(input + at, 16)
    v128.store(output + at, i8x16.shuffle(low, high, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23))
    v128.store(
      output + at,
      i8x16.shuffle(low, high, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31),
      16,
    )
  }
}

/** One input into one row. */
function add(output: usize, input: usize, length: usize, tables: usize): void {
  const low0 = v128.load(tables, 0), high0 = v128.load(tables, 16)
  const low1 = v128.load(tables, 32), high1 = v128.load(tables, 48)
  const low2 = v128.load(tables, 64), high2 = v128.load(tables, 80)
  const low3 = v128.load(tables, 96), high3 = v128.load(tables, 112)
  const nibble = i8x16.splat(0x0f)
  for (const end = output + length; output < end; output += 32, input += 32) {
    const low = v128.load(input)
    const high = v128.load(input, 16)
    const n0 = v128.and(low, nibble)
    const n1 = v128.and(i16x8.shr_u(low, 4), nibble)
    const n2 = v128.and(high, nibble)
    const n3 = v128.and(i16x8.shr_u(high, 4), nibble)
    v128.store(output, v128.xor(v128.load(output), four(low0, n0, low1, n1, low2, n2, low3, n3)))
    v128.store(output, v128.xor(v128.load(output, 16), four(high0, n0, high1, n1, high2, n2, high3, n3)), 16)
  }
}

/**
 * Products of a coefficient with each value of each of the four nibbles of a word, low bytes and high bytes
 * apart. They go to memory, as the compiler would move the making of mere variables into the loop.
 */
function makeTables(tables: usize, coefficient: u32): void {
  let product = coefficient
  for (let nibble = 0; nibble < 4; nibble++, tables += 32) {
    const a = product, b = twice(a), c = twice(b), d = twice(c)
    product = twice(d)
    v128.store(tables, table(a, b, c, d, 0))
    v128.store(tables, table(a, b, c, d, 8), 16)
  }
}

// @ts-ignore: decorator
@inline
function four(a: v128, i: v128, b: v128, j: v128, c: v128, k: v128, d: v128, l: v128): v128 {
  return v128.xor(
    v128.xor(i8x16.swizzle(a, i), i8x16.swizzle(b, j)),
    v128.xor(i8x16.swizzle(c, k), i8x16.swizzle(d, l)),
  )
}

/** The product of a word and x. */
// @ts-ignore: decorator
@inline
function twice(word: u32): u32 {
  return ((word << 1) & 0xffff) ^ ((word >> 15) * REMAINDER)
}

/** The sixteen sums of four products, of which eight bits from `shift` on are kept. */
// @ts-ignore: decorator
@inline
function table(a: u32, b: u32, c: u32, d: u32, shift: u32): v128 {
  return v128.xor(
    v128.xor(
      v128.and(i8x16.splat((a >> shift) as i8), BIT_0),
      v128.and(i8x16.splat((b >> shift) as i8), BIT_1),
    ),
    v128.xor(
      v128.and(i8x16.splat((c >> shift) as i8), BIT_2),
      v128.and(i8x16.splat((d >> shift) as i8), BIT_3),
    ),
  )
}
