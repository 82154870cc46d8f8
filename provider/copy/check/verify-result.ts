import type { Digest } from '../../../manifests/index.js'

export interface VerifyProblem {
  /** One of the codes of docs/errors.md. */
  code: string
  /** The file that has the problem. */
  path?: string
  /** The blob that has the problem. */
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
  /** Their size in bytes. */
  bytes: number
  /** Everything that is wrong; empty if nothing is. */
  problems: VerifyProblem[]
  /** Deltas only: blobs that were left out because the other side has them; they were not read. */
  leftOut?: { blobs: number; bytes: number }
  /** Images whose layers are kept uncompressed, each with the original manifest that it replaces. */
  plain?: { digest: Digest; original: Digest }[]
  /** Lines for the reader about images that an index names but that are not there, which is no problem. */
  notes?: string[]
  /** Files that were repaired first. */
  repaired?: string[]
}
