import type { Digest } from '../../../manifests/index.js'
import type { CommonOptions } from '../../session/options.js'

export interface PruneRequest extends CommonOptions {}

export interface PruneResult {
  /** The blobs that went, with their bytes; with `whatIf` those that would go. */
  removed: { digest: Digest; size: number }[]
  /** Bytes of these, and of what else was left behind. */
  freedBytes: number
}
