import type { Digest } from '../../../manifests/index.js'
import type { CommonOptions, EngineRequest } from '../../session/options.js'

export interface UninstallRequest extends CommonOptions, EngineRequest {
  /** A name or the end of one, or a wildcard pattern; with a tag it is that one name alone. */
  name?: string | undefined
  /** Which version of `name`; AMBIGUOUS_NAME where several fit and none is chosen. */
  version?: string | undefined
  /** Remove every version that fits; false where left out. */
  allVersions?: boolean | undefined
  /** As `get` lists it, in place of name and version. */
  fullName?: string | undefined
  /** Remove it though other images are built on it; IN_USE where left out. */
  force?: boolean | undefined
}

export interface UninstallResult {
  /** What went; with `whatIf` what would go. */
  removed: {
    name: string
    version: string
    fullName: string
    digest: Digest
    /** The names that were taken away. */
    tags: string[]
    /** The names by which the image is still there; left out where it went. */
    remaining?: string[]
  }[]
  /** Bytes of the blobs that went. */
  freedBytes: number
  /** Where `latest` points now, if it moved: one for each name. */
  latest?: { tag: string; digest: Digest; version: string }[]
  /** Folders that the images were laid out in, which went too, with the bytes of their files. */
  expanded?: { path: string; bytes: number }[]
  /**
   * Folders under the names of these images that stay: the other stores that they were laid out for; none where the
   * folder does not say that it was laid out of the image for this store.
   */
  kept?: { path: string; stores: string[] }[]
}
