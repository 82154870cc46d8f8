/**
 * Bytes, one chunk after the other. A chunk is valid until the next one is asked for: sources read into the
 * same buffers again and again. Whoever keeps a chunk longer copies it.
 */
export type Bytes = AsyncIterable<Uint8Array>

/** Where the bytes of a blob lie in a file on this machine, so that they can be read in place. */
export interface FileRange {
  path: string
  /** In bytes from the start of the file. */
  offset: number
  /** In bytes. */
  size: number
  /** The file is this range and nothing else, and may be taken away: renamed instead of copied. */
  mayTake?: boolean
  /** The giver has the file open: small pieces are read faster from there than by opening it again. */
  isShared?: boolean
  /** This process hashed the bytes while writing them, into a folder that belongs to its user alone. */
  isVerified?: boolean
  /** The member of an archive that it is, and what the archive says is its sum. */
  member?: SummedRange
}

/** Bytes that an archive has a CRC-32 of. */
export interface SummedRange {
  name: string
  crc32: number
  /** Also where the digest is right: other readers of the archive have nothing but this sum. */
  isCompared?: boolean
}

export interface ReadOptions {
  /** The first byte wanted; default: 0. */
  from?: number
  /** The blob is read completely into memory, so a source may limit its size. */
  isDocument?: boolean
  signal?: AbortSignal
}
