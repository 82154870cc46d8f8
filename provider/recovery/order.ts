import type { Product } from './kernel/kernel.js'
import type { Scan } from './scanned-packets.js'

/** What a worker is asked to do. */
export type Order = HashFile | HashSlices | ScanFile | Attach | SplitMultiply | Solve | Emit

/** The MD5 of a whole file. */
export interface HashFile {
  type: 'hash-file'
  path: string
}

/** The checksums of some slices of a file; of the last one padded with zeros. */
export interface HashSlices {
  type: 'hash-slices'
  path: string
  /** Of the file, in bytes. */
  size: number
  sliceSize: number
  first: number
  count: number
}

/** The packets of a recovery file. */
export interface ScanFile {
  type: 'scan'
  path: string
}

/** The memory that the following orders are about. */
export interface Attach {
  type: 'attach'
  module: unknown
  memory: unknown
}

/** Inputs into all rows. The threads share the columns by a counter in the memory. */
export interface SplitMultiply {
  type: 'multiply'
  product: Product
  columns: Columns
}

/** Replaces the rows by their products with a matrix. */
export interface Solve {
  type: 'solve'
  product: Product
  columns: Columns
}

export interface Columns {
  /** Address of the counter of columns that are taken. */
  counter: number
  /** Bytes that a thread takes at once. */
  width: number
  /** Addresses of what belongs to this thread alone. */
  scratch: number
  tables: number
}

/** Writes finished rows to their files, and hashes them. */
export interface Emit {
  type: 'emit'
  rows: EmittedRow[]
  /** Where hashes are wanted: the set whose packets the rows are. */
  setId: string | undefined
  /** Whether these are the last columns, so that the hashes are finished. */
  last: boolean
}

export interface EmittedRow {
  row: number
  address: number
  /** Bytes that are written, and that are hashed. */
  length: number
  hashed: number
  path: string
  position: number
}

export interface Answers {
  'hash-file': { md5: string; size: number }
  'hash-slices': { checksums: Uint8Array }
  scan: Scan
  attach: undefined
  multiply: undefined
  solve: undefined
  emit: { md5s: [row: number, md5: Uint8Array][] }
}
