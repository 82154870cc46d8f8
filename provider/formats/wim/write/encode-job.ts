/** How the resources of a WIM are written. */
export type WriteCompression = 'none' | 'xpress' | 'lzx'

/** What a worker is asked to do with one slot of its memory. */
export type EncodeTask = GatheredTask | ChunksTask | HashTask

/** Where the input comes from: a file, or the slot itself, into which it was put already. */
export interface InputPlaces {
  /** Files to read from. */
  paths: string[]
  /** Three numbers each: which path, or -1 for bytes that are in the slot; offset; size. They lie back to back. */
  places: Float64Array
}

/** Whole blobs: each is hashed, and made into a resource unless its hash is known. */
export interface GatheredTask {
  kind: 'gathered'
  input: InputPlaces
  /** Hashes of blobs that were written since the last task of this worker, back to back. */
  known: Uint8Array
}

/** A run of chunks of one large blob. */
export interface ChunksTask {
  kind: 'chunks'
  input: InputPlaces
  compression: WriteCompression
}

/** The SHA-1 of a range of a file, to find out whether it is already there. */
export interface HashTask {
  kind: 'hash'
  path: string
  offset: number
  size: number
}

export type EncodeJob = EncodeTask & {
  /** Where the slot's input and output lie, from where the memory is free. */
  inputAt: number
  outputAt: number
}

export type EncodeAnswer =
  | {
      kind: 'gathered'
      /** Back to back. */
      hashes: Uint8Array
      /** Of each: the resource's size in the output, where they lie back to back; -1 where the hash was known. */
      stored: Float64Array
    }
  | { kind: 'chunks'; sizes: Float64Array }
  | { kind: 'hash'; hash: Uint8Array }

/** What all of a worker's tasks have in common. */
export interface EncodeSetup {
  compression: WriteCompression
  chunkSize: number
  /** Bytes of input that one slot has room for. */
  unitSize: number
}
