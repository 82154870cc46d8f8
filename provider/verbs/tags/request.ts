import type { Digest } from '../../../manifests/index.js'
import type { CommonOptions, NetworkOptions, VersionOptions } from '../../session/options.js'

export interface TagsRequest extends CommonOptions, NetworkOptions, Omit<VersionOptions, 'allVersions'> {
  /** A full reference without a tag, or a name in the catalog: `debian`. */
  repository: string
  /** Where a name is looked up: the name of a source, or a location; default: all sources. */
  source?: string | undefined
  /** Wildcard patterns, at least one of which a tag has to match; default: all tags. */
  filter?: string[] | undefined
  /** Wildcard patterns of tags that are left out. */
  exclude?: string[] | undefined
  /** Only this many, newest first. */
  newest?: number | undefined
  /** Also the tags that stand for signatures and other referrers. */
  allTags?: boolean | undefined
  /** Ask for the digest of each tag, by a request that registries do not count as a pull. */
  digests?: boolean | undefined
}

export interface TagsResult {
  /** `docker.io/library/debian`. */
  repository: string
  /** Tags that the repository has, those of signatures included. */
  total: number
  /** Versions first, newest at the top; then the rest by their text. */
  tags: ListedTag[]
}

export interface ListedTag {
  /** Without the repository. */
  tag: string
  /** Whether it reads as a version: two to four numbers with dots. */
  isVersion: boolean
  /** With `digests`: what it names; left out if the registry does not say. */
  digest?: Digest
  /** With `digests`, if the registry says. */
  mediaType?: string
}
