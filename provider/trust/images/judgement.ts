import type { Digest, ErrorCode } from '../../../manifests/index.js'
import type { SignatureKind } from './signatures/read-signature.js'

/** One signature of an image, and how it was judged. */
export interface JudgedSignature {
  /** By whose tools it was made; undefined for one that cannot be read. */
  kind?: SignatureKind
  /** Of the manifest of the artifact that it is in. */
  artifact: Digest
  /** What it is over: the image, the index that it was chosen from, or an image of an index. */
  digest?: Digest
  /** Of an attestation: the type of what it says. */
  predicateType?: string
  /** The name that it gives the image. */
  name?: string
  /**
   * Who signed: a key by its fingerprint, or an identity and who vouches for it. Of one that is not trusted who it says
   * has signed, where it says so.
   */
  signer?: string
  /** `trusted`, `untrusted`, or `unchecked` where no policy asks for signatures of the image. */
  verdict: 'trusted' | 'untrusted' | 'unchecked'
  /** Why it is not trusted. */
  code?: ErrorCode
  /** The same in words. */
  reason?: string
}
