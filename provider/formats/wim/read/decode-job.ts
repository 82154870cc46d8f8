import type { Compression } from '../codecs/compression.js'

/** What a worker is asked to do: read a part of a file, expand it, check whole blobs, write them where asked. */
export type DecodeJob = (PlainJob | BlobsJob | ChunksJob | SolidJob) & JobFrame

/** Bytes that are in the file as they are. */
export interface PlainJob {
  kind: 'plain'
  start: number
  size: number
}

/** Many resources that lie close to each other. */
export interface BlobsJob {
  kind: 'blobs'
  start: number
  end: number
  compression: Compression
  chunkSize: number
  pipable: boolean
  /** Four numbers each: offset, size, expanded size, 1 where compressed. */
  resources: Float64Array
}

/** Some chunks of one large resource. */
export interface ChunksJob {
  kind: 'chunks'
  offset: number
  size: number
  originalSize: number
  compression: Compression
  chunkSize: number
  pipable: boolean
  first: number
  count: number
}

/** Some chunks of a solid resource, whose sizes are known. */
export interface SolidJob {
  kind: 'solid'
  start: number
  sizes: Uint32Array
  compression: Compression
  chunkSize: number
  /** How many bytes all of them expand to. */
  size: number
}

export interface JobFrame {
  fd: number
  /** Where in the decoders' memory the expanded bytes go, and where there is room for those of the file. */
  output: number
  input: number
  /** Three numbers for each whole blob: its place and size in the output, and its number in `hashes`. */
  checks: Float64Array
  /** All in one text, of 40 hex digits each: handing over many small texts takes long. */
  hashes: string
  writes: Writes
  writeTo: number
}

/** Which parts of a job's output are written to a file, and what goes before them. */
export interface Writes {
  /** Bytes that stand before those of the output, one after the other; in shared memory. */
  heads: Uint8Array
  /**
   * Four numbers each: a position in the file; how many bytes of `heads`, from where the last ones ended, go
   * there; the place and size in the output of what follows those.
   */
  places: Float64Array
}

/** A part of the output that could not be made. */
export interface Fault {
  from: number
  to: number
  /** Where in the file the damage is. */
  offset: number
  what: string
}

/** A whole blob that hashes to something else: its number in `hashes`. */
export interface Mismatch {
  index: number
  found: string
}

export interface JobAnswer {
  /** The worker's memory from where it is free; shared. */
  memory: Uint8Array
  faults: Fault[]
  mismatches: Mismatch[]
}

/** One number of a list that is known to have it. */
export function numberAt(list: Float64Array | Uint32Array, index: number): number {
  return list[index] ?? 0
}
