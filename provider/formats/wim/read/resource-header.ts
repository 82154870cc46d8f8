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

/** Sizes and offsets of more than 2^53 come out imprecise; no file holds them, so the bounds' check refuses them. */
export function readResourceHeader(bytes: Buffer, at: number): ResourceHeader {
  return {
    size: bytes.readUIntLE(at, 6) + (bytes[at + 6] ?? 0) * 2 ** 48,
    flags: bytes[at + 7] ?? 0,
    offset: Number(bytes.readBigUInt64LE(at + 8)),
    originalSize: Number(bytes.readBigUInt64LE(at + 16)),
  }
}
