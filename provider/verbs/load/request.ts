import type { Digest, GateVerdict } from '../../../manifests/index.js'
import type { EngineKind } from '../../engine/port/engine.js'
import type { GateRequest } from '../../gate/command.js'
import type { CommonOptions, EngineRequest, PolicyOptions, SignatureOptions } from '../../session/options.js'
import type { MovedName } from '../../store/moved-names.js'

/** How images get into an engine. */
export interface LoadOptions extends EngineRequest {
  /** The repository for the image in the engine, in place of its own name. */
  repository?: string | undefined
  /** containerd only: keep the images from garbage collection. */
  pin?: boolean | undefined
}

export interface LoadRequest
  extends CommonOptions,
    LoadOptions,
    SignatureOptions,
    GateRequest,
    PolicyOptions {
  /** Installed images: exact names, `name:tag`, patterns, digests. */
  names: string[]
  /** Do not set the tag `latest`. */
  noLatest?: boolean | undefined
}

export interface LoadedImage {
  /** Its whole name, or the name that it was installed under: `quay.io/opstree/redis`, `NanoServer`. */
  name: string
  /** `12.5`. */
  version: string
  /** Of the manifest in the store. */
  digest: Digest
  /** The config's digest: the image's id in the engine. */
  id: Digest
  /** As the engine has them: `docker.io/library/debian:12.5`. */
  tags: string[]
  /** `linux/amd64`. */
  platform: string
}

export interface LoadResult {
  /** The engine that took them. */
  engine: EngineKind
  /** `docker 20.10.24 at /run/docker.sock`. */
  engineLabel: string
  /** What the site's own program said about them, if there is one. */
  gate?: GateVerdict
  /** What the engine has now. */
  images: LoadedImage[]
  /** Names that meant another image in the engine before. */
  moved?: MovedName[]
  /** Bytes of blobs that were sent to the engine. */
  sentBytes: number
  /** Bytes of blobs that it already had. */
  reusedBytes: number
}
