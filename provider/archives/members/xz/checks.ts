import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** The check behind a block, over its uncompressed bytes. */
export interface XzCheck {
  add(bytes: Uint8Array): void
  /** As it stands behind the block. */
  end(): Buffer
}

/** In bytes, by their number (xz-file-format, 2.1.1.2). */
export const CHECK_BYTES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64]

/** @throws Error for numbers that have no meaning yet */
export function xzCheck(kind: number): XzCheck {
  if (kind === 0) return { add() {}, end: () => Buffer.alloc(0) }
  if (kind === 1) return new Crc32()
  if (kind === 4) return new Crc64()
  if (kind !== 10) throw new Error(`check ${kind}, which is not known`)
  const hash = createHash('sha256')
  return { add: (bytes) => hash.update(bytes), end: () => hash.digest() }
}

class Crc32 implements XzCheck {
  private value = 0

  add(bytes: Uint8Array): void {
    // With no bytes, zlib would start a new checksum.
    if (bytes.length > 0) this.value = crc32(bytes, this.value)
  }

  end(): Buffer {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32LE(this.value)
    return bytes
  }
}

/** Of ECMA-182, reflected; in two halves, as numbers of 64 bits are slow here. */
const [LOW, HIGH] = crc64Tables()

function crc64Tables(): [Uint32Array, Uint32Array] {
  const low = new Uint32Array(256)
  const high = new Uint32Array(256)
  for (let byte = 0; byte < 256; byte++) {
    let value = BigInt(byte)
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ 0xc96c5795d7870f42n : value >> 1n
    low[byte] = Number(value & 0xffffffffn)
    high[byte] = Number(value >> 32n)
  }
  return [low, high]
}

class Crc64 implements XzCheck {
  private low = 0xffffffff
  private high = 0xffffffff

  add(bytes: Uint8Array): void {
    let { low, high } = this
    for (let i = 0; i < bytes.length; i++) {
      const place = (low ^ (bytes[i] as number)) & 0xff
      low = ((low >>> 8) | (high << 24)) ^ (LOW[place] as number)
      high = (high >>> 8) ^ (HIGH[place] as number)
    }
    this.low = low
    this.high = high
  }

  end(): Buffer {
    const bytes = Buffer.alloc(8)
    bytes.writeUInt32LE(~this.low >>> 0)
    bytes.writeUInt32LE(~this.high >>> 0, 4)
    return bytes
  }
}
