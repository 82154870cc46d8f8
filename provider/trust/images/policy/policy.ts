/** A policy as written in its file. */
export interface ParsedPolicy {
  /** Everything that it demands, for any image. */
  requirements: Requirement[]
  /**
   * Everything that is demanded of an image of this name; each requirement must be met.
   * @param reference in full, `docker.io/library/debian:12.5`; undefined for an image without a name
   */
  requirementsFor(reference?: string): Requirement[]
}

/** One demand of a policy. */
export type Requirement =
  | { type: 'accept' }
  | { type: 'reject' }
  /** A requirement that the program knows by name but cannot check: no image that it applies to is accepted. */
  | { type: 'unsupported'; what: string }
  | SignedRequirement

/** One of some signers must have signed the image, or attested something about it. */
export interface SignedRequirement {
  type: 'signed'
  /** Any one of them is enough. */
  signers: SignerRule[]
  signedIdentity: SignedIdentity
  /** The type of attestation that is wanted in place of a signature. */
  predicateType?: string
}

/** What a signature has to say about the name of its image (containers-policy.json(5), `signedIdentity`). */
export type SignedIdentity =
  | { type: 'any' }
  | { type: 'matchExact' }
  | { type: 'matchRepoDigestOrExact' }
  | { type: 'matchRepository' }
  | { type: 'exactReference'; reference: string }
  | { type: 'exactRepository'; repository: string }
  | { type: 'remapIdentity'; prefix: string; signedPrefix: string }

/** A file that a policy names, or its content if that is in the policy itself. */
export interface PolicyFile {
  /** Where in the policy it is named, for messages: `line 4, images[0].signedBy[0].key`. */
  where: string
  path?: string
  data?: Buffer
}

/** Who may sign, as the policy has it: its files have not been read yet. */
export type SignerRule =
  | { kind: 'key'; keys: PolicyFile[]; rekorKeys: PolicyFile[]; trustedRoot?: PolicyFile }
  | { kind: 'identity'; identity: string; issuer: string; trustedRoot: PolicyFile }
  | { kind: 'fulcio'; authority: PolicyFile; email: string; issuer: string; rekorKeys: PolicyFile[] }
  | { kind: 'certificate'; authorities: PolicyFile[]; subjects: string[] }
