import type { ArtifactKind, Digest } from '../../../manifests/index.js'
import type { CommonOptions } from '../../session/options.js'

export interface InspectRequest extends CommonOptions {
  /** `name[:tag]`, a digest, or the path of an archive. */
  names: string[]
  /** `os/architecture`, to choose one of several; PLATFORM_NOT_FOUND where there is none. */
  platform?: string | undefined
}

/** With `kind` and `artifactType` for what is no image. */
export interface InspectedImage extends Partial<ArtifactKind> {
  /** As it was asked for. */
  name: string
  /** The manifest's digest. */
  digest: Digest
  /** The config's digest. */
  id: Digest
  /** Of the manifest. */
  mediaType: string
  /** `debian:12.5`; empty in an archive without names. */
  tags: string[]
  /** `linux/amd64`; empty for an artifact. */
  platform: string
  /** ISO 8601; empty where the image does not say. */
  created: string
  /** Bytes of all its blobs. */
  size: number
  /** The manifest that this one stands for, with layers kept uncompressed; signatures are over that. */
  original?: Digest
  /** The manifest as JSON gives it. */
  manifest: unknown
  /** The config as JSON gives it; left out of an artifact, which has none of an image. */
  config?: unknown
}
