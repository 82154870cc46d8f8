import type { ArtifactKind, Digest, LocalName, Platform } from '../manifests/index.js'

/** One name + version + platform that a source offers. A pinned entry also has a digest. */
export interface Entry {
  /** As the source spells it: `NanoServer`, `debian`. */
  name: string
  /** A dotted version, or an exact tag: `10.0.14300.1010`, `ltsc2022`. */
  version: string
  /** Undefined where the source does not say before the image is read (a registry's tag). */
  platform?: Platform
  /** What it is called besides, in full: an exact name that is asked for may be one of these. */
  otherNames?: LocalName[]
  /** Where the name stands for an index: the platforms that it is documented to hold. */
  platforms?: Platform[]
  /** What it is, if it is not an image: a chart, a signature, files. */
  artifact?: ArtifactKind
  /**
   * The dotted version that `version` counts as, where the source has a rule for its tags: `41.0` for
   * Fedora's tag `41`; empty if the tag is no version by that rule. Left out, `version` is read itself.
   */
  comparesAs?: string
  summary: string
  /** Name of the source that offers it. */
  source: string
  /** Who publishes it; becomes the `CN=` of the full name. */
  publisher?: string
  /** The manifest's digest, where the source pins it. */
  digest?: Digest
  /** Bytes to fetch, where the source knows. */
  size?: number
  location: EntryLocation
}

/** Where the bytes of an entry are. */
export type EntryLocation =
  /** An image in a registry: `host[:port]/path/repo:tag`, or `...@sha256:...`. */
  | { kind: 'registry'; reference: string; insecure?: boolean }
  /**
   * An image inside an archive or layout on this machine; `image` is its name there (`debian:12.5`). Where an
   * index pins the file, `sha256` (hex) and `size` are the whole file's, and whoever opens it checks them first.
   */
  | { kind: 'path'; path: string; image?: string; sha256?: string; size?: number }
  /** A file behind a URL that is an archive or a WIM, with its SHA-256 (hex) where the index gives it. */
  | { kind: 'url'; url: string; sha256?: string; size?: number; insecure?: boolean }

/** A place that offers images. Implementations are in the neighbouring files, one a kind. */
export interface CatalogSource {
  readonly name: string
  /** The catalog that ships: it yields to sources that the administrator registered. */
  readonly isDefault?: boolean
  /**
   * It has images itself, or says where they are: where it is the only source that is asked, a full reference is a name
   * of these, and no registry is asked for it.
   */
  readonly hasOwnNames?: boolean
  /**
   * Entries whose name may match one of the patterns (all, where none is given); the caller matches again.
   * @throws NETWORK_UNREACHABLE, INVALID_DOCUMENT and others, for the whole source
   */
  entries(patterns: string[], options: ListOptions): Promise<SourceAnswer>
  /** Every name that it can list without asking for versions, to suggest one where a name is misspelt. */
  names?(options: ListOptions): Promise<string[]>
}

export interface ListOptions {
  signal?: AbortSignal
  /** Answer with what is at hand and ask no other host, where the source can. */
  offline?: boolean
}

export interface SourceAnswer {
  entries: Entry[]
  /** Lines that the reader should see, such as the date that an offline list is as of. */
  notes: string[]
  /** No network: what is here is all from lists that were there. */
  isOffline?: boolean
}
