import type { Digest } from '../../../../manifests/index.js'
import type { Signer } from '../signers/signer.js'

/** A signature, or a signed attestation, that was read and is not judged yet: everything here is what it claims. */
export interface ReadSignature {
  kind: SignatureKind
  /** The images that it is about. */
  about: Digest[]
  /** The name that it gives the image. */
  name?: string
  /** Of an attestation; undefined for a plain signature. */
  predicateType?: string
  /** Who it says has signed, in words, where it says so. */
  claimedSigner?: string
  /**
   * Whether one of those whom a signer stands for has signed it.
   * @returns who, in words
   * @throws SignatureFault where nobody of them has
   */
  check(signer: Signer): Promise<string>
}

/** By whose tools it was made, or whose format it has. */
export type SignatureKind = 'cosign' | 'sigstore' | 'notation'

/** The predicate by which cosign marks a plain signature in a bundle. */
export const COSIGN_SIGN = 'https://sigstore.dev/cosign/sign/v1'
