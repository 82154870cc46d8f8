import { deltaInvalid } from './delta-invalid.js'

/** A whole number below 2^53, seven bits per byte, the lowest first. */
export function writeVarint(target: Uint8Array, at: number, value: number): number {
  let rest = value
  let to = at
  while (rest >= 0x80) {
    target[to++] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
  }
  target[to++] = rest
  return to
}

/** The most bytes that a number takes. */
export const VARINT_BYTES = 8

/** Reads numbers one after the other, none of them above 2^53. */
export class VarintReader {
  private at = 0

  constructor(private readonly bytes: Uint8Array) {}

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length
  }

  /** @throws Trouble with DELTA_INVALID */
  next(): number {
    let value = 0
    let unit = 1
    for (let count = 0; count < VARINT_BYTES; count++) {
      const byte = this.bytes[this.at++]
      if (byte === undefined) throw deltaInvalid('a number', 'the end of the operations')
      value += (byte & 0x7f) * unit
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) break
        return value
      }
      unit *= 0x80
    }
    throw deltaInvalid('a number below 2^53', 'a larger one')
  }

  /** A number with its sign in the lowest bit. */
  signed(): number {
    const value = this.next()
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2
  }
}

/** As `signed` reads it. */
export function withSign(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}
