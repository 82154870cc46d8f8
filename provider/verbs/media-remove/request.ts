import type { Digest } from '../../../manifests/index.js'
import type { CommonOptions } from '../../session/options.js'
import type { MediaSummary } from '../save/request.js'

export interface MediaRemoveRequest extends CommonOptions {
  /** The media. */
  path: string
  /** Names or patterns; with a tag that one name, without one every name of the version. */
  names: string[]
  /** Remove every version that a name without a tag means; AMBIGUOUS_NAME if there are several without it. */
  allVersions?: boolean | undefined
}

/** What was removed from a media; with `whatIf` what would be. */
export interface MediaRemoveResult {
  /** What was removed: images, or names of them. */
  removed: {
    name: string
    version: string
    /** `linux/amd64`; empty for an artifact. */
    platform: string
    digest: Digest
    /** The names that were removed. */
    tags: string[]
    /** The names that the image still has; left out if it was removed. */
    remaining?: string[]
  }[]
  /** Bytes of the blobs that were removed. */
  freedBytes: number
  /** Everything that is on it now; left out with `whatIf`. */
  media?: MediaSummary
}
