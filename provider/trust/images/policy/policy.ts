/** A policy as its file says it. */
export interface ParsedPolicy {
  /** All that it demands, of whichever image. */
  requirements: Requirement[]
  /**
   * All that is demanded of an image of this name; each of them must be met.
   * @param reference in full, `docker.io/library/debian:12.5`; undefined for an image without a name
   */
  requirementsFor(reference?: string): Requirement[]
}

/** One demand of a policy. */
export type Requirement =
  | { type: 'accept' }
  | { type: 'reject' }
  /** One that the program knows by name and cannot check: nothing that it is for is taken. */
  | { type: 'unsupported'; what: string }
  | SignedRequirement

/** That one of some signers signed the image, or said something about it. */
export interface SignedRequirement {
  type: 'signed'
  /** Any of them is enough. */
  signers: SignerRule[]
  signedIdentity: SignedIdentity
  /** Of an attestation, which is wanted in place of a signature. */
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

/** A file that a policy names, or what stands in the policy itself. */
export interface PolicyFile {
  /** Where in the policy it is named, for messages: `line 4, images[0].signedBy[0].key`. */
  where: string
  path?: string
  data?: Buffer
}

/** Who may sign, as the policy says it: its files are not read yet. */
export type SignerRule =
  | { kind: 'key'; keys: PolicyFile[]; rekorKeys: PolicyFile[]; trustedRoot?: PolicyFile }
  | { kind: 'identity'; identity: string; issuer: string; trustedRoot: PolicyFile }
  | { kind: 'fulcio'; authority: PolicyFile; email: string; issuer: string; rekorKeys: PolicyFile[] }
  | { kind: 'certificate'; authorities: PolicyFile[]; subjects: string[] }
