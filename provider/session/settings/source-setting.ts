/** What a source is. */
export type SourceKind = 'registry' | 'index' | 'folder' | 'embedded'

/** A source as stored in the settings. */
export interface SourceSetting {
  /** Letters, digits, `.`, `_` and `-`; SOURCE_INVALID for anything else. */
  name: string
  /** `https://host[:port][/prefix]`, the URL or path of an index, or a folder. */
  location: string
  /** What it is. */
  type: SourceKind
  /** Allow plain http to it; default: false. */
  insecure?: boolean | undefined
  /** A regular expression: which tags of this registry are versions. */
  tagRule?: string | undefined
}
