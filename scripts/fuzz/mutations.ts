import type { Seeded } from '../../test/manifests/seeded.js'

const NUMBERS = [
  0, 1, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
]
/** Things that parsers stumble over, in text of any kind. */
const TEXTS = [
  '',
  '0',
  '-1',
  '1e999',
  'null',
  'true',
  '[]',
  '{}',
  '"',
  '\\',
  '\0',
  '\n',
  '\r\n',
  '\t',
  ' ',
  '../',
  '/',
  ':',
  '@',
  '%00',
  '\u202e',
  '\ud800',
  '__proto__',
  '99999999999999999999',
  '\ufeff',
  'é',
  '\u001b[2J',
]
const MOST_BYTES = 256 * 1024

/**
 * One to eight changes of bytes, or of what a text says.
 * @param others inputs from which parts may be taken
 */
export function mutated(
  input: Buffer,
  random: Seeded,
  words: readonly string[],
  others: readonly Buffer[],
): Buffer {
  let bytes: Buffer = Buffer.from(input)
  for (let left = 1 + random.below(8); left > 0; left--) bytes = changedOnce(bytes, random, words, others)
  return bytes.subarray(0, MOST_BYTES)
}

function changedOnce(
  bytes: Buffer,
  random: Seeded,
  words: readonly string[],
  others: readonly Buffer[],
): Buffer {
  const at = random.below(bytes.length + 1)
  const to = at + random.below(Math.min(64, bytes.length - at) + 1)
  switch (random.below(11)) {
    case 0:
      if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
      return bytes
    case 1:
      if (at < bytes.length) bytes[at] = random.below(256)
      return bytes
    case 2:
      return withNumber(bytes, at, random)
    case 3:
      return spliced(bytes, at, to, Buffer.alloc(0))
    case 4:
      return spliced(bytes, at, at, bytes.subarray(at, to))
    case 5:
      return spliced(bytes, at, to, Buffer.from(random.oneOf(TEXTS)))
    case 6:
      return spliced(bytes, at, at, Buffer.from(random.oneOf(words.length > 0 ? words : TEXTS)))
    case 7:
      return withDigits(bytes, random)
    case 8: {
      const other = random.oneOf(others)
      const start = random.below(other.length + 1)
      return spliced(bytes, at, to, other.subarray(start, start + random.below(200)))
    }
    case 9:
      if (at < bytes.length) bytes.fill(random.below(2) * 255, at, to)
      return bytes
    default:
      return random.below(6) === 0 ? bytes.subarray(0, at) : bytes
  }
}

const VALUES = [null, true, 0, -1, 1.5, 1e300, '', 'x', '../x', '\u001b', [], {}, [[]], { a: 1 }]

/** A JSON document with one to four of its values changed, removed, or moved; undefined if the input is not JSON. */
export function changedJson(input: Buffer, random: Seeded): Buffer | undefined {
  if (!/^\s*[[{]/.test(input.toString('latin1', 0, 20))) return undefined
  try {
    const document: unknown = JSON.parse(input.toString('utf8'))
    for (let left = 1 + random.below(4); left > 0; left--) changeValue(document, random)
    return Buffer.from(JSON.stringify(document))
  } catch {
    return undefined
  }
}

function changeValue(document: unknown, random: Seeded): void {
  const places = placesIn(document)
  if (places.length === 0) return
  const { within, key } = random.oneOf(places)
  const other = random.oneOf(places)
  switch (random.below(5)) {
    case 0:
      if (Array.isArray(within)) within.splice(Number(key), 1)
      else delete within[key]
      break
    case 1:
      within[key] = structuredClone(other.within[other.key])
      break
    case 2:
      if (Array.isArray(within)) within.push(structuredClone(within[Number(key)]))
      else within[random.oneOf([other.key, `${key}x`, key.toUpperCase(), '__proto__x'])] = within[key]
      break
    case 3: {
      const value = within[key]
      within[key] =
        typeof value === 'string'
          ? mutated(Buffer.from(value), random, [], [Buffer.from(value)]).toString()
          : random.below(1000)
      break
    }
    default:
      within[key] = structuredClone(random.oneOf(VALUES))
  }
}

interface Place {
  within: Record<string, unknown>
  key: string
}

const MOST_PLACES = 2000

function placesIn(document: unknown): Place[] {
  const found: Place[] = []
  const waiting = [document]
  for (let value = waiting.pop(); value !== undefined && found.length < MOST_PLACES; value = waiting.pop()) {
    if (typeof value !== 'object' || value === null) continue
    for (const [key, one] of Object.entries(value)) {
      found.push({ within: value as Record<string, unknown>, key })
      if (one !== null && one !== undefined) waiting.push(one)
    }
  }
  return found
}

function withNumber(bytes: Buffer, at: number, random: Seeded): Buffer {
  const number = random.oneOf(NUMBERS)
  const width = random.oneOf([2, 4, 8])
  if (at + width > bytes.length) return bytes
  const isLittle = random.below(2) === 0
  if (width === 2)
    isLittle ? bytes.writeUInt16LE(number & 0xffff, at) : bytes.writeUInt16BE(number & 0xffff, at)
  else if (width === 4) isLittle ? bytes.writeUInt32LE(number, at) : bytes.writeUInt32BE(number, at)
  else {
    const wide = BigInt(number) << BigInt(random.below(33))
    isLittle ? bytes.writeBigUInt64LE(wide, at) : bytes.writeBigUInt64BE(wide, at)
  }
  return bytes
}

/** Replaces some digits of a text by another number. */
function withDigits(bytes: Buffer, random: Seeded): Buffer {
  const from = random.below(bytes.length + 1)
  for (let at = from; at < bytes.length; at++) {
    if (!isDigit(bytes[at])) continue
    let to = at
    while (isDigit(bytes[to])) to++
    return spliced(
      bytes,
      at,
      to,
      Buffer.from(String(random.oneOf([...NUMBERS, -1, 1e21, random.below(100)]))),
    )
  }
  return bytes
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

function spliced(bytes: Buffer, from: number, to: number, between: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, from), between, bytes.subarray(to)])
}
