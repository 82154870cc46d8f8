/** CRC-32's polynomial, its bits reversed (RFC 1952, 8). */
const POLYNOMIAL = 0xedb88320

/** The CRC-32 of two runs of bytes together, from those of each and the size of the second. */
export function combineCrc(first: number, second: number, size: number): number {
  return (times(first, powerOfX(8 * size)) ^ second) >>> 0
}

/** x to a power, modulo the polynomial; the highest bit stands for x to the power of 0. */
function powerOfX(exponent: number): number {
  let result = 0x80000000
  let square = 0x40000000
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = times(result, square)
    square = times(square, square)
  }
  return result
}

/** The product of two polynomials over GF(2), modulo the polynomial. */
function times(a: number, b: number): number {
  let product = 0
  let shifted = b
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= shifted
    shifted = shifted & 1 ? (shifted >>> 1) ^ POLYNOMIAL : shifted >>> 1
  }
  return product >>> 0
}
