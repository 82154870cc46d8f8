/** The field of PAR 2.0: words of 16 bits, generator 0x1100B. */
const GENERATOR = 0x1100b
const ORDER = 65535

const [exponential, logarithm] = makeTables()

function makeTables(): [Uint16Array, Uint16Array] {
  const powers = new Uint16Array(ORDER)
  const logarithms = new Uint16Array(ORDER + 1)
  let word = 1
  for (let i = 0; i < ORDER; i++) {
    powers[i] = word
    logarithms[word] = i
    word <<= 1
    if (word > 0xffff) word ^= GENERATOR
  }
  return [powers, logarithms]
}

/** Two to the power of a product: the coefficient of a slice whose base is 2^base in the row of an exponent. */
export function coefficient(base: number, exponent: number): number {
  return exponential[(base * exponent) % ORDER] ?? 0
}

/** What a word other than zero has to be multiplied with to give one. */
export function inverse(word: number): number {
  return exponential[(ORDER - (logarithm[word] ?? 0)) % ORDER] ?? 0
}

/**
 * The bases of the first slices, as powers of two: those whose order is that of the whole field, as their
 * number shares no factor with it (65535 = 3 * 5 * 17 * 257).
 */
export function bases(count: number): Uint16Array {
  const list = new Uint16Array(count)
  for (let i = 0, n = 1; i < count; n++)
    if (n % 3 !== 0 && n % 5 !== 0 && n % 17 !== 0 && n % 257 !== 0) list[i++] = n
  return list
}
