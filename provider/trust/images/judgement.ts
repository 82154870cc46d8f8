import type { Digest, ErrorCode } from '../../../manifests/index.js'
import type { SignatureKind } from './signatures/read-signature.js'

/** One signature of an image, and how it was judged. */
export interface JudgedSignature {
  /** The tools that made it; undefined for one that cannot be read. */
  kind?: SignatureKind
  /** The digest of the manifest of the artifact that it is in. */
  artifact: Digest
  /** What it is for: the image, the index that it was chosen from, or an image of an index. */
  digest?: Digest
  /** The predicate type of an attestation. */
  predicateType?: string
  /** The name that it gives the image. */
  name?: string
  /**
   * Who signed: a key by its fingerprint, or an identity and who vouches for it. If it is not trusted, who has signed
   * according to the signature, if it says so.
   */
  signer?: string
  /** `trusted`, `untrusted`, or `unchecked` if no policy asks for signatures of the image. */
  verdict: 'trusted' | 'untrusted' | 'unchecked'
  /** Why it is not trusted. */
  code?: ErrorCode
  /** The same in words. */
  reason?: string
}
