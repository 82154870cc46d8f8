import type { ArtifactKind, Digest } from '../../../manifests/index.js'
import type { CommonOptions, NetworkOptions, VersionOptions } from '../../session/options.js'

export interface FindRequest extends CommonOptions, NetworkOptions, VersionOptions {
  /** Names or wildcard patterns; everything where left out. */
  names?: string[] | undefined
  /** `os/architecture[/variant][:os.version]`. */
  platform?: string | undefined
  /** A registered source's name, or a location: folder, index, https://host. All sources where left out. */
  source?: string | undefined
}

/** With `kind` and `artifactType` for what is no image. */
export interface FoundImage extends Partial<ArtifactKind> {
  /** Name in the catalog: `nanoserver`. */
  name: string
  /** `12.5`, or the tag. */
  version: string
  /** `linux` or `windows`; empty where not known. */
  os: string
  /** As OCI names it: `amd64`; empty where not known. */
  architecture: string
  /** Of an ARM processor: `v7`. */
  variant?: string
  /** Of Windows: four numbers. */
  osVersion?: string
  /** Name of the source that offers it. */
  source: string
  /** One line for the reader; may be empty. */
  summary: string
  /** Full reference, where it is in a registry. */
  reference?: string
  /** Of the manifest, where the source tells it. */
  digest?: Digest
  /** Bytes to fetch. */
  size?: number
}

export interface FindResult {
  /** What was found; of each name the newest, or what the version options mean. */
  images: FoundImage[]
  /** Lines for the reader: which source is offline, and as of which date its list is. */
  notes: string[]
}
