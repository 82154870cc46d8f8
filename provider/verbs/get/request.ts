import type { ArtifactKind, Digest } from '../../../manifests/index.js'
import type { CommonOptions, EngineRequest } from '../../session/options.js'

export interface GetRequest extends CommonOptions, EngineRequest {
  /** Names or wildcard patterns. */
  names?: string[] | undefined
  /**
   * Docker's filters, of which all must hold: `reference=PATTERN`, `label=KEY` or `label=KEY=VALUE`, `dangling=true`,
   * `before=NAME`, `since=NAME`, `until=24h` or a date. USAGE for any other.
   */
  filters?: string[] | undefined
  /** List the platforms of each image as well, and what goes with it. Default: no. */
  parts?: boolean | undefined
}

/** One tag of the store; with `kind` and `artifactType` if it is not an image. */
export interface StoredImage extends Partial<ArtifactKind> {
  /** Its whole name as docker shows it: `debian`, `quay.io/opstree/redis`; `<none>` if it has none. */
  repository: string
  /** `12.5`. */
  tag: string
  /** The name that it was installed under, else the repository: `NanoServer`. */
  name: string
  /** What the image itself says, else its tag. */
  version: string
  /** `CN=PUBLISHER_NAME_VERSION`; `uninstall` takes it. */
  fullName: string
  /** The config's digest. */
  id: Digest
  /** The manifest's digest. */
  digest: Digest
  /** ISO 8601; empty if the image does not say. */
  created: string
  /** Bytes of its blobs in the store; for an engine's image, what the engine says. */
  size: number
  /** Bytes of the files in its layers, as docker shows a size; left out if that was never measured. */
  unpackedSize?: number
  /** Bytes of its blobs as they are stored; left out if an engine does not say. */
  contentSize?: number
  /** For an engine: how many containers use it, running or not; left out if it does not say. */
  containers?: number
  /** If requested: what is there for each platform; then signatures and anything else that goes with it. */
  parts?: StoredPart[]
  /** `linux` or `windows`; empty for an artifact. */
  os: string
  /** As OCI names it: `amd64`; empty for an artifact. */
  architecture: string
  /** Windows only: four numbers. */
  osVersion?: string
}

/** An image for one platform, as part of what a name means; or something that goes with it. */
export interface StoredPart {
  /** `linux/amd64`; empty for an artifact. */
  platform: string
  /** What it is if it goes with the image: `cosign signature`; left out for the image itself. */
  kind?: string
  /** The manifest's digest. */
  digest: Digest
  /** The config's digest. */
  id: Digest
  /** As of the whole. */
  unpackedSize?: number
  /** As of the whole. */
  contentSize: number
}
