import type { FileRange } from '../../io/bytes.js'

/** A stream of tokens or of a tar's bytes: where it lies, and who of the threads writes it. */
export interface Stream {
  range: FileRange
  /** Its number in the shared state, where it is still being written. */
  number?: number
}

/** Writes the tokens of a gzip file into a new file. */
export interface UnpackTask {
  type: 'unpack'
  from: FileRange
  to: string
  number: number
  /** In bytes; more are refused. */
  most: number
  /** The tokens are turned back on the way, and the digest of what comes out is wanted. */
  algorithm?: HashName
}

/** Finds the new stream's bytes in those of the bases, and hands over segments. */
export interface MatchTask {
  type: 'match'
  /** Those with a file to unpack into are gzip; the others are read as they are. */
  bases: { from: FileRange; unpackInto?: string }[]
  next: Stream
}

export type HashName = 'sha256' | 'sha512'

/** What is to come out, and where to. */
export interface Wanted {
  size: number
  algorithm: HashName
  /** Where to write; without it, the digest is all that is wanted. */
  to?: string
}

/** Makes the stream out of a delta's segments and the bases, and of the stream the blob. */
export interface JoinTask extends Wanted {
  type: 'join'
  delta: FileRange
  bases: Stream[]
  streamSize: number
  /** The stream is tokens, and what they stand for is wanted. */
  pack: boolean
}

export type Task = UnpackTask | MatchTask | JoinTask

/** With what the threads of its job share. */
export type TaskOnThread = Task & { cells: Int32Array }

export interface Answers {
  /** With the digests, in hex, of the blob as it came out, and of the tokens, where they were wanted. */
  unpack: { size: number; hex?: string; tokensHex?: string }
  match: { sizes: number[]; size: number; copies: number; copied: number; literal: number }
  join: { hex: string }
}

/** What the operations and literals of a piece of the stream are, not compressed yet. */
export interface RawSegment {
  operations: Uint8Array
  literals: Uint8Array
}
