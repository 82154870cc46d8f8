import type { FileRange } from '../../io/bytes.js'

/** A stream of tokens or of a tar's bytes: where it is, and which of the threads writes it. */
export interface Stream {
  range: FileRange
  /** Its number in the shared state, if it is still being written. */
  number?: number
}

/** Writes the tokens of a gzip file into a new file. */
export interface UnpackTask {
  type: 'unpack'
  from: FileRange
  to: string
  number: number
  /** In bytes; anything larger is refused. */
  most: number
  /** The tokens are turned back on the way, and the digest of the result is wanted. */
  algorithm?: HashName
}

/** Finds bytes of the new stream in those of the bases, and hands over segments. */
export interface MatchTask {
  type: 'match'
  /** Those with a file to unpack into are gzip; the other bases are read as they are. */
  bases: { from: FileRange; unpackInto?: string }[]
  next: Stream
}

export type HashName = 'sha256' | 'sha512'

/** What the result is to be, and where it goes. */
export interface Wanted {
  size: number
  algorithm: HashName
  /** The file to write; without it, only the digest is wanted. */
  to?: string
}

/** Makes the stream from a delta's segments and the bases, and from the stream the blob. */
export interface JoinTask extends Wanted {
  type: 'join'
  delta: FileRange
  bases: Stream[]
  streamSize: number
  /** The stream consists of tokens, and what they stand for is wanted. */
  pack: boolean
}

export type Task = UnpackTask | MatchTask | JoinTask

/** A task with what the threads of its job share. */
export type TaskOnThread = Task & { cells: Int32Array }

export interface Answers {
  /** With the digests, in hex, of the blob as it came out, and of the tokens, if they were requested. */
  unpack: { size: number; hex?: string; tokensHex?: string }
  match: { sizes: number[]; size: number; copies: number; copied: number; literal: number }
  join: { hex: string }
}

/** The operations and literals for a piece of the stream, not compressed yet. */
export interface RawSegment {
  operations: Uint8Array
  literals: Uint8Array
}
