import type { CommonOptions } from '../../session/options.js'

export interface MediaPruneRequest extends CommonOptions {
  /** The media. */
  path: string
  /** How many versions of each name stay, the newest; left out, only what nothing names goes. */
  keep?: number | undefined
}
