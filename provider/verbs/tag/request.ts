import type { CommonOptions } from '../../session/options.js'

export interface TagRequest extends CommonOptions {
  /** `name[:tag]` or a digest of an installed image. */
  from: string
  /** The new name: `name[:tag]`, `latest` where it has no tag. INVALID_REFERENCE where it is none. */
  to: string
}

export interface UntagRequest extends CommonOptions {
  /** The name to take away: `name[:tag]`. NOT_INSTALLED where there is none. */
  name: string
}
