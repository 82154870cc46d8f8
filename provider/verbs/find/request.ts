import type { ArtifactKind, Digest } from '../../../manifests/index.js'
import type { CommonOptions, NetworkOptions, VersionOptions } from '../../session/options.js'

export interface FindRequest extends CommonOptions, NetworkOptions, VersionOptions {
  /** Names or wildcard patterns; default: everything. */
  names?: string[] | undefined
  /** `os/architecture[/variant][:os.version]`, or several. */
  platform?: string | readonly string[] | undefined
  /**
   * A file that says which images are meant; names, versions, platforms and sources are then taken from it.
   */
  set?: string | undefined
  /** A registered source's name, or a location: folder, index, https://host; default: all sources. */
  source?: string | undefined
}

/** With `kind` and `artifactType` if it is not an image. */
export interface FoundImage extends Partial<ArtifactKind> {
  /** Name in the catalog: `nanoserver`. */
  name: string
  /** `12.5`, or the tag. */
  version: string
  /** `linux` or `windows`; empty if not known. */
  os: string
  /** As OCI names it: `amd64`; empty if not known. */
  architecture: string
  /** Of an ARM processor: `v7`. */
  variant?: string
  /** Of Windows: four numbers. */
  osVersion?: string
  /** Name of the source that offers it. */
  source: string
  /** One line for the reader; may be empty. */
  summary: string
  /** Full reference, if it is in a registry. */
  reference?: string
  /** Of the manifest, if the source gives it. */
  digest?: Digest
  /** Bytes to fetch. */
  size?: number
}

export interface FindResult {
  /** What was found: the newest of each name, or what the version options select. */
  images: FoundImage[]
  /** Lines for the reader: which source is offline, and as of which date its list is. */
  notes: string[]
}
