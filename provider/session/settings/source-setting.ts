/** What a source is. */
export type SourceKind = 'registry' | 'index' | 'folder' | 'embedded'

/** A source as the settings keep it. */
export interface SourceSetting {
  /** Letters, digits, `.`, `_` and `-`; SOURCE_INVALID for another. */
  name: string
  /** `https://host[:port][/prefix]`, the URL or path of an index, or a folder. */
  location: string
  /** What it is. */
  type: SourceKind
  /** Plain http is allowed to it; false where left out. */
  insecure?: boolean | undefined
  /** A regular expression: which tags of this registry are versions. */
  tagRule?: string | undefined
}
