import { type ArtifactKind, type Digest, type LocalName, type Platform, present } from '../manifests/index.js'

/** One combination of name, version and platform that a source offers. A pinned entry also has a digest. */
export interface Entry {
  /** As the source spells it: `NanoServer`, `debian`. */
  name: string
  /** A dotted version, or an exact tag: `10.0.14300.1010`, `ltsc2022`. */
  version: string
  /** Undefined if the source does not say before the image is read (a registry's tag). */
  platform?: Platform
  /** Its other full names: a requested exact name may be one of these. */
  otherNames?: LocalName[]
  /** If the name refers to an index: the platforms that it is documented to hold, or holds; `platform` stands for them. */
  platforms?: Platform[]
  /** What it is, if it is not an image: a chart, a signature, files. */
  artifact?: ArtifactKind
  /**
   * The dotted version that `version` counts as, if the source has a rule for its tags: `41.0` for Fedora's
   * tag `41`; empty if the tag is not a version by that rule. If left out, `version` itself is read.
   */
  comparesAs?: string
  summary: string
  /** Name of the source that offers it. */
  source: string
  /** Who publishes it; becomes the `CN=` of the full name. */
  publisher?: string
  /** The manifest's digest, if the source pins it. */
  digest?: Digest
  /** Bytes to fetch, if the source knows. */
  size?: number
  location: EntryLocation
}

/** Where the bytes of an entry are. */
export type EntryLocation =
  /** An image in a registry: `host[:port]/path/repo:tag`, or `...@sha256:...`. */
  | { kind: 'registry'; reference: string; insecure?: boolean }
  /**
   * An image inside an archive or layout on this machine; `image` is its name there (`debian:12.5`). If an
   * index pins the file, `sha256` (hex) and `size` are those of the whole file, and are checked before it is
   * opened.
   */
  | { kind: 'path'; path: string; image?: string; sha256?: string; size?: number }
  /** An archive or a WIM behind a URL, with its SHA-256 (hex) if the index gives it. */
  | { kind: 'url'; url: string; sha256?: string; size?: number; insecure?: boolean }

/** An image of a registry. */
export function inRegistry(reference: string, insecure: boolean | undefined): EntryLocation {
  return present({ kind: 'registry', reference, insecure: insecure || undefined })
}

/** A place that offers images. Implementations are in the neighbouring files, one for each kind. */
export interface CatalogSource {
  readonly name: string
  /** The built-in catalog: it yields to sources that the administrator registered. */
  readonly isDefault?: boolean
  /**
   * It has images itself, or says where they are: if it is the only source that is asked, a full reference is
   * looked up in it, and no registry is asked.
   */
  readonly hasOwnNames?: boolean
  /**
   * Entries whose name may match one of the patterns (all, where none is given); the caller matches again.
   * @throws NETWORK_UNREACHABLE, INVALID_DOCUMENT and others, for the whole source
   */
  entries(patterns: string[], options: ListOptions): Promise<SourceAnswer>
  /** Every name that it can list without asking for versions, for suggestions when a name is misspelt. */
  names?(options: ListOptions): Promise<string[]>
}

export interface ListOptions {
  signal?: AbortSignal
  /** Answer with what is available and ask no other host, if the source can. */
  offline?: boolean
}

export interface SourceAnswer {
  entries: Entry[]
  /** Lines that the reader should see, such as the date of an offline list. */
  notes: string[]
  /** No network: everything comes from lists that were already there. */
  isOffline?: boolean
}
