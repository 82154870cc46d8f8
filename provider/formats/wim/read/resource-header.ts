/** The 24 bytes that say where a resource lies ("reshdr"). */
export interface ResourceHeader {
  /** Where it starts in its file. */
  offset: number
  /** How many bytes of the file it takes. */
  size: number
  /** How many bytes it expands to. */
  originalSize: number
  flags: number
}

export const RESOURCE_METADATA = 0x02
export const RESOURCE_COMPRESSED = 0x04
export const RESOURCE_SOLID = 0x10

/**
 * Sizes and offsets beyond 2^53 come out imprecise; no file is that large, so the bounds check refuses them.
 */
export function readResourceHeader(bytes: Buffer, at: number): ResourceHeader {
  return {
    size: bytes.readUIntLE(at, 6) + (bytes[at + 6] ?? 0) * 2 ** 48,
    flags: bytes[at + 7] ?? 0,
    offset: numberOf64Bits(bytes, at + 8),
    originalSize: numberOf64Bits(bytes, at + 16),
  }
}

/** Little-endian; of more than 2^53 imprecise. A tree has millions, for which BigInts would be made and thrown away. */
export function numberOf64Bits(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32
}

export function isZero(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== 0) return false
  return true
}
