import type { Digest } from '../../../../manifests/index.js'
import type { Signer } from '../signers/signer.js'

/**
 * A signature, or a signed attestation, that has been read but not judged yet: everything here is only what it claims.
 */
export interface ReadSignature {
  kind: SignatureKind
  /** The images that it is about. */
  about: Digest[]
  /** The name that it gives the image. */
  name?: string
  /** The type of an attestation; undefined for a plain signature. */
  predicateType?: string
  /** Who has signed according to the signature, in words, if it says so. */
  claimedSigner?: string
  /**
   * Checks whether one of those for whom a signer stands has signed it.
   * @returns who, in words
   * @throws SignatureFault if none of them has
   */
  check(signer: Signer): Promise<string>
}

/** The tools that made it, or whose format it has. */
export type SignatureKind = 'cosign' | 'sigstore' | 'notation'

/** The predicate by which cosign marks a plain signature in a bundle. */
export const COSIGN_SIGN = 'https://sigstore.dev/cosign/sign/v1'
