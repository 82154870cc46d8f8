import type { ArtifactKind, Digest } from '../../../manifests/index.js'
import type { CommonOptions, EngineRequest } from '../../session/options.js'

export interface GetRequest extends CommonOptions, EngineRequest {
  /** Names or wildcard patterns. */
  names?: string[] | undefined
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
  /** Bytes of its blobs in the store. */
  size: number
  /** `linux` or `windows`; empty for an artifact. */
  os: string
  /** As OCI names it: `amd64`; empty for an artifact. */
  architecture: string
  /** Windows only: four numbers. */
  osVersion?: string
}
