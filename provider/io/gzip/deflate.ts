import { BitWriter } from './bit-writer.js'
import { codeLengths, codesOf } from './huffman.js'

/** How far back a match may lie (RFC 1951). */
export const WINDOW = 32768

const HASH_BITS = 15
const MIN_MATCH = 4
const MAX_MATCH = 258
/** How many earlier places are looked at; as fast levels of other encoders do. */
const MAX_CHAIN = 12
/** A match of this length is taken without looking whether the next place has a longer one. */
const GOOD_MATCH = 32
const TOKENS = 1 << 15
const END_OF_BLOCK = 256

const LENGTH_CODES = codesByBase(
  [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0],
  3,
)
const DISTANCE_CODES = codesByBase(
  [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13],
  1,
)
/** The order in which the lengths of the code of codes stand (RFC 1951, 3.2.7). */
const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

interface BaseCodes {
  base: Uint16Array
  extra: Uint8Array
}

function codesByBase(extra: number[], first: number): BaseCodes {
  const base = new Uint16Array(extra.length)
  let next = first
  extra.forEach((bits, i) => {
    base[i] = next
    next += 2 ** bits
  })
  // The longest length has a code of its own, without extra bits (RFC 1951, 3.2.5).
  if (first === 3) base[28] = 258
  return { base, extra: Uint8Array.from(extra) }
}

const LENGTH_CODE_OF = new Uint8Array(MAX_MATCH + 1)
for (let code = 0; code < 29; code++)
  for (let length = LENGTH_CODES.base[code] ?? 0; length <= MAX_MATCH; length++) LENGTH_CODE_OF[length] = code

function distanceCode(distance: number): number {
  if (distance <= 2) return distance - 1
  const bits = 31 - Math.clz32(distance - 1)
  return 2 * bits + (((distance - 1) >>> (bits - 1)) & 1)
}

/**
 * Compresses by the deflate format (RFC 1951). It computes with integers alone and its choices depend on the
 * bytes alone: zlib, which Node has, finds other matches on other processors and in other versions.
 */
export class Deflater {
  private readonly heads = new Int32Array(1 << HASH_BITS)
  private readonly earlier = new Int32Array(WINDOW)
  /** A literal as it is; a match as its length, shifted by 16, and its distance. */
  private readonly tokens = new Uint32Array(TOKENS)
  private count = 0
  private readonly literals = new Uint32Array(286)
  private readonly distances = new Uint32Array(30)

  /**
   * Deflate blocks that end on a byte boundary and are not the last ones of their stream.
   * @param input the bytes, preceded by up to 32 KiB of those before them
   * @param from where they begin in it
   */
  compress(input: Uint8Array, from: number): Uint8Array {
    const out = new BitWriter(((input.length - from) >>> 1) + 1024)
    this.heads.fill(-1)
    for (let at = 0; at + MIN_MATCH <= from; at++) this.insert(input, at)
    let start = from
    let at = from
    while (at < input.length) {
      at = this.nextToken(input, at)
      if (this.count < TOKENS - 1) continue
      this.writeBlock(out, input, start, at)
      start = at
    }
    this.writeBlock(out, input, start, at)
    // An empty stored block brings the stream to the end of a byte.
    out.reserve(16)
    out.put(0, 3)
    out.align()
    out.append(EMPTY_STORED)
    return out.bytes.subarray(0, out.length)
  }

  private nextToken(input: Uint8Array, at: number): number {
    let length = this.longest(input, at, MIN_MATCH - 1)
    let distance = this.distance
    if (at + MIN_MATCH <= input.length) this.insert(input, at)
    if (length === 0) return this.literal(input, at)
    if (length < GOOD_MATCH && at + 1 < input.length) {
      const next = this.longest(input, at + 1, length)
      if (next > length) {
        this.literal(input, at)
        if (at + 1 + MIN_MATCH <= input.length) this.insert(input, at + 1)
        at++
        length = next
        distance = this.distance
      }
    }
    this.match(length, distance)
    const end = at + length
    const last = Math.min(end, input.length - MIN_MATCH + 1)
    for (let i = at + 1; i < last; i++) this.insert(input, i)
    return end
  }

  private distance = 0

  /** The longest match that is longer than one; 0 where there is none. Sets `distance`. */
  private longest(input: Uint8Array, at: number, than: number): number {
    if (at + MIN_MATCH > input.length) return 0
    const most = Math.min(MAX_MATCH, input.length - at)
    if (than >= most) return 0
    let best = than
    let place = this.heads[hash(input, at)] as number
    for (let chain = MAX_CHAIN; place >= 0 && at - place <= WINDOW && chain > 0; chain--) {
      if (input[place + best] === input[at + best] && input[place] === input[at]) {
        let length = 0
        while (length < most && input[place + length] === input[at + length]) length++
        if (length > best) {
          best = length
          this.distance = at - place
          if (length === most) break
        }
      }
      const before = this.earlier[place & (WINDOW - 1)] as number
      if (before >= place) break
      place = before
    }
    return best > than && best >= MIN_MATCH ? best : 0
  }

  private insert(input: Uint8Array, at: number): void {
    const key = hash(input, at)
    this.earlier[at & (WINDOW - 1)] = this.heads[key] as number
    this.heads[key] = at
  }

  private literal(input: Uint8Array, at: number): number {
    const byte = input[at] as number
    this.tokens[this.count++] = byte
    this.literals[byte] = (this.literals[byte] as number) + 1
    return at + 1
  }

  private match(length: number, distance: number): void {
    this.tokens[this.count++] = (length << 16) | distance
    const code = 257 + (LENGTH_CODE_OF[length] as number)
    this.literals[code] = (this.literals[code] as number) + 1
    const far = distanceCode(distance)
    this.distances[far] = (this.distances[far] as number) + 1
  }

  private writeBlock(out: BitWriter, input: Uint8Array, start: number, end: number): void {
    if (start === end) return
    this.literals[END_OF_BLOCK] = 1
    const literalLengths = codeLengths(this.literals, 15)
    const distanceLengths = codeLengths(this.distances, 15)
    const header = blockHeader(literalLengths, distanceLengths)
    const bits = header.bits + this.bitsOf(literalLengths, distanceLengths)
    out.reserve(Math.min(bits / 8, end - start) + (end - start) / 4096 + 64)
    if (bits / 8 >= end - start + 5 * Math.ceil((end - start) / 65535)) stored(out, input, start, end)
    else {
      header.write(out)
      this.writeTokens(out, literalLengths, distanceLengths)
    }
    this.count = 0
    this.literals.fill(0)
    this.distances.fill(0)
  }

  private bitsOf(literalLengths: Uint8Array, distanceLengths: Uint8Array): number {
    let bits = 0
    for (let i = 0; i < 286; i++) {
      const extra = i > 256 ? (LENGTH_CODES.extra[i - 257] as number) : 0
      bits += (this.literals[i] as number) * ((literalLengths[i] as number) + extra)
    }
    for (let i = 0; i < 30; i++)
      bits +=
        (this.distances[i] as number) * ((distanceLengths[i] as number) + (DISTANCE_CODES.extra[i] as number))
    return bits
  }

  private writeTokens(out: BitWriter, literalLengths: Uint8Array, distanceLengths: Uint8Array): void {
    const literalCodes = codesOf(literalLengths)
    const distanceCodes = codesOf(distanceLengths)
    for (let i = 0; i < this.count; i++) {
      const token = this.tokens[i] as number
      if (token < 256) {
        out.put(literalCodes[token] as number, literalLengths[token] as number)
        continue
      }
      const length = token >>> 16
      const distance = token & 0xffff
      const near = LENGTH_CODE_OF[length] as number
      out.put(literalCodes[257 + near] as number, literalLengths[257 + near] as number)
      out.put(length - (LENGTH_CODES.base[near] as number), LENGTH_CODES.extra[near] as number)
      const far = distanceCode(distance)
      out.put(distanceCodes[far] as number, distanceLengths[far] as number)
      out.put(distance - (DISTANCE_CODES.base[far] as number), DISTANCE_CODES.extra[far] as number)
    }
    out.put(literalCodes[END_OF_BLOCK] as number, literalLengths[END_OF_BLOCK] as number)
  }
}

const EMPTY_STORED = Uint8Array.of(0, 0, 0xff, 0xff)

function hash(input: Uint8Array, at: number): number {
  const four =
    (input[at] as number) |
    ((input[at + 1] as number) << 8) |
    ((input[at + 2] as number) << 16) |
    ((input[at + 3] as number) << 24)
  return Math.imul(four, 0x9e3779b1) >>> (32 - HASH_BITS)
}

function stored(out: BitWriter, input: Uint8Array, start: number, end: number): void {
  for (let at = start; at < end; at += 65535) {
    const size = Math.min(65535, end - at)
    out.put(0, 3)
    out.align()
    out.put(size, 16)
    out.put(~size & 0xffff, 16)
    out.append(input.subarray(at, at + size))
  }
}

/** The head of a block with dynamic codes (RFC 1951, 3.2.7), and how many bits it takes. */
function blockHeader(
  literalLengths: Uint8Array,
  distanceLengths: Uint8Array,
): { bits: number; write(out: BitWriter): void } {
  const literals = Math.max(257, used(literalLengths))
  const distances = Math.max(1, used(distanceLengths))
  const runs = runLengths([
    ...literalLengths.subarray(0, literals),
    ...distanceLengths.subarray(0, distances),
  ])
  const frequencies = new Uint32Array(19)
  for (const { symbol } of runs) frequencies[symbol] = (frequencies[symbol] as number) + 1
  const lengths = codeLengths(frequencies, 7)
  const codes = codesOf(lengths)
  let kept = 19
  while (kept > 4 && lengths[CODE_ORDER[kept - 1] as number] === 0) kept--
  let bits = 17 + 3 * kept
  for (const { symbol, extra } of runs) bits += (lengths[symbol] as number) + extra
  return {
    bits,
    write(out) {
      out.put(4, 3)
      out.put(literals - 257, 5)
      out.put(distances - 1, 5)
      out.put(kept - 4, 4)
      for (const symbol of CODE_ORDER.slice(0, kept)) out.put(lengths[symbol] as number, 3)
      for (const { symbol, extra, value } of runs) {
        out.put(codes[symbol] as number, lengths[symbol] as number)
        out.put(value, extra)
      }
    },
  }
}

function used(lengths: Uint8Array): number {
  let count = lengths.length
  while (count > 0 && lengths[count - 1] === 0) count--
  return count
}

interface RunOfLengths {
  symbol: number
  extra: number
  value: number
}

function runLengths(lengths: number[]): RunOfLengths[] {
  const runs: RunOfLengths[] = []
  for (let at = 0; at < lengths.length; ) {
    const length = lengths[at] as number
    let end = at + 1
    while (end < lengths.length && lengths[end] === length) end++
    let left = end - at
    if (length !== 0) {
      runs.push({ symbol: length, extra: 0, value: 0 })
      left--
      for (; left >= 3; left -= Math.min(left, 6))
        runs.push({ symbol: 16, extra: 2, value: Math.min(left, 6) - 3 })
    } else {
      for (; left >= 11; left -= Math.min(left, 138))
        runs.push({ symbol: 18, extra: 7, value: Math.min(left, 138) - 11 })
      if (left >= 3) {
        runs.push({ symbol: 17, extra: 3, value: left - 3 })
        left = 0
      }
    }
    for (; left > 0; left--) runs.push({ symbol: length, extra: 0, value: 0 })
    at = end
  }
  return runs
}
