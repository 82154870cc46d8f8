import type { ArtifactKind, Digest, ErrorCode } from '../../../manifests/index.js'
import type { Attestation } from '../../choice/attestations.js'
import type { CarriedArtifact } from '../../choice/travelling.js'
import type { CommonOptions, NetworkOptions, PolicyOptions, ReferrersOptions } from '../../session/options.js'
import type { JudgedSignature } from '../../trust/images/judgement.js'
import type { JudgedSigner } from '../../trust/signed/judged-signers.js'

export interface InspectRequest extends CommonOptions, NetworkOptions, PolicyOptions, ReferrersOptions {
  /**
   * `name[:tag]`, a digest, or the path of an archive; a full reference that is not installed means its registry.
   */
  names: string[]
  /** Look in the registry, even if it is installed, and for names in the catalog. */
  remote?: boolean | undefined
  /** In a registry: the size of every platform, which costs a manifest each. */
  allPlatforms?: boolean | undefined
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
  /** Where it is, if it is in a registry: `docker.io/library/debian:12.5`. No layer was fetched. */
  reference?: string
  /** In a registry: the other platforms under that name; left out for a name that means one manifest. */
  platforms?: OfferedPlatform[]
  /** In a registry: signatures and anything else that goes with it; left out if there are none. */
  artifacts?: CarriedArtifact[]
  /**
   * What the index that has it says about how it was made: SBOMs, provenance; left out if it says nothing.
   */
  attestations?: Attestation[]
  /** Signatures and signed attestations, with their verdicts; left out if there are none. */
  signatures?: JudgedSignature[]
  /** Why the policy of the run does not accept the image; left out if it does, or if there is no policy. */
  refusal?: { code: ErrorCode; message: string }
  /** For a file or folder that is carried: who has signed its list, with verdicts; left out if nobody has. */
  signers?: JudgedSigner[]
  /** The manifest as JSON gives it. */
  manifest: unknown
  /** The config as JSON gives it; left out for an artifact, which has no image config. */
  config?: unknown
}

/** One image of an index in a registry. */
export interface OfferedPlatform {
  /** `linux/arm64/v8`. */
  platform: string
  /** Of its manifest. */
  digest: Digest
  /** Bytes of all its blobs; only of the image that is shown, or of all with `allPlatforms`. */
  size?: number
}
