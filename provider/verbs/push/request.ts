import type { ArtifactKind, Digest } from '../../../manifests/index.js'
import type { CarriedArtifact } from '../../choice/travelling.js'
import type { CommonOptions, NetworkOptions } from '../../session/options.js'
import type { MovedName } from '../../store/moved-names.js'

export interface PushRequest extends CommonOptions, NetworkOptions {
  /** Names or patterns of installed images, or paths of archives and folders. */
  names: string[]
  /** `host[:port][/prefix]`, the name of a source that is a registry, or, of one image, `host[:port]/name:tag`. */
  registry: string
  /** Leave the registry's tag `latest` as it is. */
  noLatest?: boolean | undefined
  /** Push layers, too, that may not be handed on to others, where their bytes are here. */
  allowNondistributable?: boolean | undefined
  /** Of an archive with several. */
  platform?: string | undefined
  /** Push every platform of an archive; one where left out. */
  allPlatforms?: boolean | undefined
}

/** With `kind` and `artifactType` for what is no image. */
export interface PushedImage extends Partial<ArtifactKind> {
  /** Its whole name, or as its installation called it: `quay.io/opstree/redis`, `NanoServer`. */
  name: string
  /** `12.5`. */
  version: string
  /** What to pull: `registry.example.org/base/debian:12.5`. */
  reference: string
  /** Of the manifest that the registry has. */
  digest: Digest
  /** As the registry has them: `base/debian:12.5`, `base/debian:latest`. */
  tags: string[]
  /** Bytes of all that belongs to it. */
  size: number
  /** Signatures and the like that were pushed along with it. */
  artifacts?: CarriedArtifact[]
  /** With `whatIf`: what the registry does not have. */
  wouldSend?: { bytes: number; blobs: number }
}

export interface PushResult {
  /** What the registry has now. */
  images: PushedImage[]
  /** Tags that named another image there, by their digests; with `whatIf` those that would. */
  moved?: MovedName[]
  /** Bytes that were sent. */
  sentBytes: number
  /** What the registry took from another of its repositories. */
  mountedBytes: number
  /** What was there. */
  reusedBytes: number
}
