import type { CommonOptions } from '../../session/options.js'

export interface MediaPruneRequest extends CommonOptions {
  /** The media. */
  path: string
  /** How many of the newest versions of each name stay; if left out, only what nothing names is removed. */
  keep?: number | undefined
}
