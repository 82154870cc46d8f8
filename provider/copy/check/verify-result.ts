import type { Digest } from '../../../manifests/index.js'

export interface VerifyProblem {
  /** One of the codes of docs/errors.md. */
  code: string
  /** The file that it is about. */
  path?: string
  /** The blob that it is about. */
  digest?: string
  /** What should be there. */
  expected?: string
  /** What is there. */
  found?: string
  /** One sentence for the reader. */
  message: string
}

export interface VerifyResult {
  /** Whether there is no problem. */
  ok: boolean
  /** How many blobs were read. */
  blobs: number
  /** Bytes of these. */
  bytes: number
  /** All that is wrong; empty where nothing is. */
  problems: VerifyProblem[]
  /** Of deltas: blobs that were left out, as the other side has them; they were not read. */
  leftOut?: { blobs: number; bytes: number }
  /** Images whose layers are kept uncompressed, each with the manifest that it stands for. */
  plain?: { digest: Digest; original: Digest }[]
  /** Lines for the reader about images that an index names and that were left out; nothing is wrong with that. */
  notes?: string[]
  /** Files that were repaired before. */
  repaired?: string[]
}
