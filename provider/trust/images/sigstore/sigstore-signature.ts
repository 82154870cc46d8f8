import type { Bundle } from '@sigstore/bundle'
import type { ReadSignature } from '../signatures/read-signature.js'
import { SignatureFault } from '../signatures/signature-fault.js'
import { isSignedBy } from '../signers/public-key.js'
import { type KeySigner, keyInWords, type Signer } from '../signers/signer.js'

/** Something signed in one of sigstore's ways, in whatever form it came. */
export interface SigstoreContent {
  /** What the signature is over: a payload, or an envelope in the encoding for signing. */
  signed: Uint8Array
  /** For a key, any one of them is enough. */
  signatures: Uint8Array[]
  /** With certificates, records of logs and times; undefined if there is only the signature. */
  bundle: Bundle | undefined
  /** The signed bytes, for a bundle with a signature over bytes. */
  artifact: Buffer | undefined
}

/** A check of one content against whoever is trusted, for `ReadSignature`. */
export function sigstoreCheck(content: SigstoreContent): ReadSignature['check'] {
  return async (signer: Signer) => {
    switch (signer.kind) {
      case 'key':
        return await checkKeys(content, signer)
      case 'identity': {
        const { bundle, artifact } = content
        if (!bundle) throw new SignatureFault('IMAGE_SIGNER_UNTRUSTED', 'it has no certificate')
        const { entityOf, verifyIdentity } = await import('./verify-entity.js')
        return verifyIdentity(entityOf(bundle, artifact), signer)
      }
      case 'certificate':
        throw new SignatureFault('IMAGE_SIGNER_UNTRUSTED', 'it is not by a certificate of Notary Project')
    }
  }
}

async function checkKeys(
  { signed, signatures, bundle, artifact }: SigstoreContent,
  { keys, logs }: KeySigner,
): Promise<string> {
  const signing = keys.find(({ key }) => signatures.some((one) => isSignedBy(key, signed, one)))
  if (!signing) throw new SignatureFault('IMAGE_SIGNER_UNTRUSTED', 'it is not by a key that is trusted')
  if (logs) {
    if (!bundle) throw new SignatureFault('IMAGE_SIGNATURE_INVALID', 'it has no record of a log')
    const { entityOf, verifyLoggedKey } = await import('./verify-entity.js')
    verifyLoggedKey(entityOf(bundle, artifact), signing.key, logs)
  }
  return keyInWords(signing.fingerprint)
}
