import type { Digest } from '../../../manifests/index.js'
import type { CommonOptions } from '../../session/options.js'

export interface PruneRequest extends CommonOptions {}

export interface PruneResult {
  /** The blobs that were removed, with their sizes; with `whatIf` those that would be. */
  removed: { digest: Digest; size: number }[]
  /** Bytes of these and of other leftovers. */
  freedBytes: number
}
