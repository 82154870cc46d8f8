import type { CommonOptions } from '../../session/options.js'

export interface TagRequest extends CommonOptions {
  /** `name[:tag]` or a digest of an installed image. */
  from: string
  /** The new name: `name[:tag]`; default tag: `latest`. INVALID_REFERENCE if it is not a name. */
  to: string
}

export interface TagAllRequest extends Omit<TagRequest, 'to'> {
  /** The new names, each as of one. */
  to: string[]
}

export interface UntagRequest extends CommonOptions {
  /** The name to remove: `name[:tag]`. NOT_INSTALLED if there is no such name. */
  name: string
}

export interface UntagAllRequest extends Omit<UntagRequest, 'name'> {
  /** The names to remove, each as of one. */
  names: string[]
}
