import type { Digest } from '../../../manifests/index.js'
import type { CommonOptions, EngineRequest } from '../../session/options.js'

export interface UninstallRequest extends CommonOptions, EngineRequest {
  /** A name or the end of one, or a wildcard pattern; with a tag, only that one name. */
  name?: string | undefined
  /** Several of these; nothing is removed if one of them is not there. */
  names?: string[] | undefined
  /** Which version of `name`; AMBIGUOUS_NAME if several match and none is chosen. */
  version?: string | undefined
  /** Remove every version that matches; default: false. */
  allVersions?: boolean | undefined
  /** As `get` lists it, in place of name and version. */
  fullName?: string | undefined
  /** Remove it even if other images are built on it; without it IN_USE. */
  force?: boolean | undefined
}

export interface UninstallResult {
  /** What was removed; with `whatIf` what would be. */
  removed: {
    name: string
    version: string
    fullName: string
    digest: Digest
    /** The names that were removed. */
    tags: string[]
    /** The names that the image still has; left out if it was removed. */
    remaining?: string[]
  }[]
  /** Bytes of the blobs that were removed. */
  freedBytes: number
  /** Where `latest` points now, if it moved: one for each name. */
  latest?: { tag: string; digest: Digest; version: string }[]
  /** Folders that the images were laid out in, which were removed too, with the bytes of their files. */
  expanded?: { path: string; bytes: number }[]
  /**
   * Folders under the names of these images that stay, with the other stores that they were laid out for;
   * none if the folder does not say that it was laid out from the image for this store.
   */
  kept?: { path: string; stores: string[] }[]
}
