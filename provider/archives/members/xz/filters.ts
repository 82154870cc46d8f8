import type { XzFilter } from './block-header.js'

/** Undoes a filter on bytes that come one after the other. */
export interface Unfilter {
  /** Those of the bytes so far that are final. */
  add(bytes: Uint8Array): Uint8Array
  /** What is left at the end. */
  end(): Uint8Array
}

/**
 * Turns the addresses in a piece of a program back, in place.
 * @param position of the piece in the block
 * @returns how many bytes are final
 */
type Turn = (bytes: Buffer, position: number) => number

/** @throws Error for filters that are not known */
export function unfilter({ id, properties }: XzFilter): Unfilter {
  if (id === 0x03) return new Delta((properties[0] ?? 0) + 1)
  const turn = TURNS[id]?.()
  if (!turn) throw new Error(`filter 0x${id.toString(16)}, which is not known`)
  return new Turned(turn, properties.length === 4 ? properties.readUInt32LE() : 0)
}

class Turned implements Unfilter {
  private left: Uint8Array = Buffer.alloc(0)

  constructor(
    private readonly turn: Turn,
    private position: number,
  ) {}

  add(bytes: Uint8Array): Uint8Array {
    const all = Buffer.concat([this.left, bytes])
    const done = this.turn(all, this.position)
    this.position = (this.position + done) >>> 0
    this.left = all.subarray(done)
    return all.subarray(0, done)
  }

  end(): Uint8Array {
    return this.left
  }
}

class Delta implements Unfilter {
  private readonly history: Uint8Array
  private at = 0

  constructor(distance: number) {
    this.history = new Uint8Array(distance)
  }

  add(bytes: Uint8Array): Uint8Array {
    const { history } = this
    const out = Buffer.from(bytes)
    for (let i = 0; i < out.length; i++) {
      const value = ((out[i] as number) + (history[this.at] as number)) & 0xff
      out[i] = value
      history[this.at] = value
      this.at = (this.at + 1) % history.length
    }
    return out
  }

  end(): Uint8Array {
    return Buffer.alloc(0)
  }
}

/** As XZ Embedded and XZ Utils have them, each by its number (xz-file-format, 5.3.2). */
const TURNS: Record<number, () => Turn> = {
  4: x86,
  5: () => powerPc,
  6: () => ia64,
  7: () => arm,
  8: () => armThumb,
  9: () => sparc,
  10: () => arm64,
}

const MAY_FOLLOW = [true, true, true, false, true, false, false, false]
const BIT_OF_MASK = [0, 1, 2, 2, 3, 3, 3, 3]

/** Calls and jumps are found at any byte, and what was found just before decides whether one counts. */
function x86(): Turn {
  let before = 0
  const isFar = (byte: number | undefined): boolean => byte === 0x00 || byte === 0xff
  return (bytes, position) => {
    if (bytes.length <= 4) return 0
    const end = bytes.length - 4
    let last = -1
    let at = 0
    for (; at < end; at++) {
      if (((bytes[at] as number) & 0xfe) !== 0xe8) continue
      const distance = at - last
      last = at
      if (distance > 3) before = 0
      else {
        before = (before << (distance - 1)) & 7
        const other = bytes[at + 4 - (BIT_OF_MASK[before] as number)]
        if (before !== 0 && (!MAY_FOLLOW[before] || isFar(other))) {
          before = (before << 1) | 1
          continue
        }
      }
      if (!isFar(bytes[at + 4])) {
        before = (before << 1) | 1
        continue
      }
      bytes.writeUInt32LE(x86Address(bytes.readUInt32LE(at + 1), position + at + 5, before, isFar), at + 1)
      at += 4
    }
    const distance = at - last
    before = distance > 3 ? 0 : before << (distance - 1)
    return at
  }
}

function x86Address(
  absolute: number,
  next: number,
  before: number,
  isFar: (byte: number) => boolean,
): number {
  let source = absolute
  for (;;) {
    const found = (source - next) >>> 0
    const bits = (BIT_OF_MASK[before] as number) * 8
    if (before === 0 || !isFar((found >>> (24 - bits)) & 0xff))
      return ((found & 0x01ffffff) | -(found & 0x01000000)) >>> 0
    source = (found ^ (2 ** (32 - bits) - 1)) >>> 0
  }
}

/** A turn of instructions of four bytes each. */
function fours(bytes: Buffer, each: (at: number) => void): number {
  const end = bytes.length - (bytes.length % 4)
  for (let at = 0; at < end; at += 4) each(at)
  return end
}

function powerPc(bytes: Buffer, position: number): number {
  return fours(bytes, (at) => {
    const instruction = bytes.readUInt32BE(at)
    if ((instruction & 0xfc000003) >>> 0 !== 0x48000001) return
    const address = ((instruction & 0x03fffffc) - (position + at)) & 0x03fffffc
    bytes.writeUInt32BE((0x48000001 | address) >>> 0, at)
  })
}

function arm(bytes: Buffer, position: number): number {
  return fours(bytes, (at) => {
    if (bytes[at + 3] !== 0xeb) return
    const address = ((bytes.readUIntLE(at, 3) << 2) - (position + at + 8)) >>> 2
    bytes.writeUIntLE(address & 0xffffff, at, 3)
  })
}

function armThumb(bytes: Buffer, position: number): number {
  let at = 0
  for (; at + 4 <= bytes.length; at += 2) {
    const [b0 = 0, b1 = 0, b2 = 0, b3 = 0] = bytes.subarray(at, at + 4)
    if ((b1 & 0xf8) !== 0xf0 || (b3 & 0xf8) !== 0xf8) continue
    const absolute = ((b1 & 7) << 19) | (b0 << 11) | ((b3 & 7) << 8) | b2
    const address = ((absolute << 1) - (position + at + 4)) >>> 1
    bytes[at] = address >>> 11
    bytes[at + 1] = 0xf0 | ((address >>> 19) & 7)
    bytes[at + 2] = address
    bytes[at + 3] = 0xf8 | ((address >>> 8) & 7)
    at += 2
  }
  return at
}

function sparc(bytes: Buffer, position: number): number {
  return fours(bytes, (at) => {
    const instruction = bytes.readUInt32BE(at)
    const head = instruction >>> 22
    if (head !== 0x100 && head !== 0x1ff) return
    const address = ((instruction << 2) - (position + at)) >>> 2
    const sign = (0x40000000 - (address & 0x400000)) | 0
    bytes.writeUInt32BE((sign | 0x40000000 | (address & 0x3fffff)) >>> 0, at)
  })
}

function arm64(bytes: Buffer, position: number): number {
  return fours(bytes, (at) => {
    const instruction = bytes.readUInt32LE(at)
    const here = (position + at) >>> 0
    if (instruction >>> 26 === 0x25) {
      const address = (instruction - (here >>> 2)) & 0x03ffffff
      bytes.writeUInt32LE((0x94000000 | address) >>> 0, at)
      return
    }
    if ((instruction & 0x9f000000) >>> 0 !== 0x90000000) return
    const page = ((instruction >>> 29) & 3) | ((instruction >>> 3) & 0x1ffffc)
    // Only addresses within 512 MiB were converted.
    if ((page + 0x020000) & 0x1c0000) return
    const relative = page - (here >>> 12)
    const low = ((relative & 3) << 29) | ((relative & 0x03fffc) << 3)
    const sign = -(relative & 0x020000) & 0xe00000
    bytes.writeUInt32LE(((instruction & 0x9000001f) | low | sign) >>> 0, at)
  })
}

const IA64_SLOTS = [
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 6, 6, 0, 0, 7, 7, 4, 4, 0, 0, 4, 4, 0, 0,
]

function ia64(bytes: Buffer, position: number): number {
  const end = bytes.length - (bytes.length % 16)
  for (let at = 0; at < end; at += 16) {
    const mask = IA64_SLOTS[(bytes[at] as number) & 0x1f] as number
    for (let slot = 0; slot < 3; slot++) if ((mask >> slot) & 1) ia64Slot(bytes, at, slot, position)
  }
  return end
}

function ia64Slot(bytes: Buffer, at: number, slot: number, position: number): void {
  const bit = 5 + slot * 41
  const place = at + (bit >> 3)
  const shift = BigInt(bit & 7)
  const instruction = BigInt(bytes.readUIntLE(place, 6))
  let norm = instruction >> shift
  if (((norm >> 37n) & 0xfn) !== 5n || ((norm >> 9n) & 7n) !== 0n) return
  const absolute = Number((norm >> 13n) & 0xfffffn) | (Number((norm >> 36n) & 1n) << 20)
  const address = BigInt(((absolute << 4) - (position + at)) >>> 4)
  norm = (norm & ~(0x8fffffn << 13n)) | ((address & 0xfffffn) << 13n) | ((address & 0x100000n) << 16n)
  const kept = instruction & ((1n << shift) - 1n)
  bytes.writeUIntLE(Number((kept | (norm << shift)) & 0xffffffffffffn), place, 6)
}
