import type { ArtifactKind, Digest, GateVerdict } from '../../../manifests/index.js'
import type { CarriedArtifact } from '../../choice/travelling.js'
import type { GateRequest } from '../../gate/command.js'
import type { FailedTarget, KeepGoingOptions } from '../../session/failures.js'
import type {
  CommonOptions,
  NetworkOptions,
  PolicyOptions,
  ReferrersOptions,
  SignatureOptions,
} from '../../session/options.js'
import type { MovedName } from '../../store/moved-names.js'

export interface PushRequest
  extends CommonOptions,
    NetworkOptions,
    PolicyOptions,
    ReferrersOptions,
    SignatureOptions,
    KeepGoingOptions,
    GateRequest {
  /** Names or patterns of installed images, or paths of archives and folders. */
  names: string[]
  /**
   * `host[:port][/prefix]`, the name of a source that is a registry, or, for one image,
   * `host[:port]/name:tag`.
   */
  registry: string
  /** Do not move the registry's tag `latest`. */
  noLatest?: boolean | undefined
  /** Also push nondistributable layers whose bytes are here. */
  allowNondistributable?: boolean | undefined
  /** Which one, or which ones, for an archive with several. */
  platform?: string | readonly string[] | undefined
  /** Push every platform of an archive; default: one. */
  allPlatforms?: boolean | undefined
}

/** With `kind` and `artifactType` if it is not an image. */
export interface PushedImage extends Partial<ArtifactKind> {
  /** Its whole name, or the name that it was installed under: `quay.io/opstree/redis`, `NanoServer`. */
  name: string
  /** `12.5`. */
  version: string
  /** What to pull: `registry.example.org/base/debian:12.5`. */
  reference: string
  /** Of the manifest in the registry. */
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
  /** What the site's own program said about them, if there is one. */
  gate?: GateVerdict
  /** What the registry has now. */
  images: PushedImage[]
  /** Tags that named another image there before; with `whatIf` those that would move. */
  moved?: MovedName[]
  /** Bytes that were sent. */
  sentBytes: number
  /** Bytes that the registry took from another of its repositories. */
  mountedBytes: number
  /** Bytes that were already there. */
  reusedBytes: number
  /** With `keepGoing`: what could not be pushed, and why. */
  failed?: FailedTarget[]
}
