import type { ArtifactKind, Digest } from '../../../manifests/index.js'
import type { CommonOptions } from '../../session/options.js'

export interface InspectRequest extends CommonOptions {
  /** `name[:tag]`, a digest, or the path of an archive. */
  names: string[]
  /** `os/architecture`, to choose one of several; PLATFORM_NOT_FOUND if there is none. */
  platform?: string | undefined
}

/** With `kind` and `artifactType` if it is not an image. */
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
  /** ISO 8601; empty if the image does not say. */
  created: string
  /** Bytes of all its blobs. */
  size: number
  /**
   * The original manifest that this one, with uncompressed layers, replaces; signatures are for the original.
   */
  original?: Digest
  /** The manifest as JSON gives it. */
  manifest: unknown
  /** The config as JSON gives it; left out for an artifact, which has no image config. */
  config?: unknown
}
