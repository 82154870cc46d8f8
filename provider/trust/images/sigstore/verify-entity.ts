import { createHash, type KeyObject } from 'node:crypto'
import type { Bundle } from '@sigstore/bundle'
import { EXTENSION_OID_SCT, X509Certificate } from '@sigstore/core'
import {
  PolicyError,
  type SignedEntity,
  type TrustMaterial,
  toSignedEntity,
  VerificationError,
  Verifier,
} from '@sigstore/verify'
import { printable } from '../../../../manifests/index.js'
import { shaped } from '../signatures/outside-documents.js'
import { SignatureFault } from '../signatures/signature-fault.js'
import type { IdentitySigner } from '../signers/signer.js'
import { preAuthenticationEncoding } from './envelope.js'
import { rememberBytes } from './remembered-certificate.js'

/**
 * A bundle in the form in which the library verifies it.
 * @throws SignatureFault
 */
export function entityOf(bundle: Bundle, artifact: Buffer | undefined): SignedEntity {
  const entity = shaped(() => toSignedEntity(bundle, artifact))
  const { signature, key } = entity
  if (key.$case === 'certificate') rememberBytes(key.certificate)
  if (bundle.content.$case === 'messageSignature') return entity
  const encoded = createHash('sha256').update(preAuthenticationEncoding(bundle.content.dsseEnvelope)).digest()
  return {
    ...entity,
    signature: {
      signature: signature.signature,
      verifySignature: (key) => signature.verifySignature(key),
      compareSignature: (other) => signature.compareSignature(other),
      // Logs of the second version record the hash of what is signed, older ones that of the payload (rekor-tiles,
      // "hashedrekord"); the library knows only the latter.
      compareDigest: (digest) => signature.compareDigest(digest) || encoded.equals(digest),
    },
  }
}

/**
 * Verifies that an identity that a policy trusts has signed, with the record of a log and a proven time.
 * @returns who, in words
 * @throws SignatureFault
 */
export function verifyIdentity(
  entity: SignedEntity,
  { trust, certificateLogs, fits, issuer }: IdentitySigner,
): string {
  if (entity.key.$case !== 'certificate')
    throw new SignatureFault('IMAGE_SIGNER_UNTRUSTED', 'it is by a key, and has no certificate')
  const { identity: found } = verified(certificateLogs > 0 ? entity : withoutPromises(entity), trust, {
    ctlogThreshold: certificateLogs,
    tlogThreshold: 1,
    timestampThreshold: 1,
  })
  const name = found?.subjectAlternativeName ?? ''
  const by = found?.extensions?.issuer ?? ''
  const inWords = printable(`${name}, by ${by}`)
  if (by !== issuer || !fits(name)) throw new SignatureFault('IMAGE_SIGNER_UNTRUSTED', `it is by ${inWords}`)
  return inWords
}

/**
 * Without the promises of certificate logs if no such log is known: the library treats a promise of an unknown log as a
 * bad one.
 */
function withoutPromises(entity: SignedEntity): SignedEntity {
  if (entity.key.$case !== 'certificate') return entity
  const certificate = X509Certificate.parse(Buffer.from(entity.key.certificate.root.toDER()))
  // The library looks for promises in a copy.
  certificate.clone = () => {
    const copy = X509Certificate.parse(Buffer.from(certificate.root.toDER()))
    const at = copy.extensions.findIndex((one) => one.subs[0]?.toOID() === EXTENSION_OID_SCT)
    if (at >= 0) copy.extensions.splice(at, 1)
    return copy
  }
  return { ...entity, key: { $case: 'certificate', certificate } }
}

/**
 * Verifies that a key has signed, with the record of a log.
 * @throws SignatureFault
 */
export function verifyLoggedKey(entity: SignedEntity, key: KeyObject, logs: TrustMaterial): void {
  const trust: TrustMaterial = { ...logs, publicKey: () => ({ publicKey: key, validFor: () => true }) }
  const byKey: SignedEntity = { ...entity, key: { $case: 'public-key', hint: '' } }
  verified(byKey, trust, { ctlogThreshold: 0, tlogThreshold: 1, timestampThreshold: 0 })
}

function verified(
  entity: SignedEntity,
  trust: TrustMaterial,
  thresholds: { ctlogThreshold: number; tlogThreshold: number; timestampThreshold: number },
) {
  try {
    return new Verifier(trust, thresholds).verify(entity)
  } catch (error) {
    throw faultOf(error)
  }
}

/** Which of our codes fits a failure of the library. */
function faultOf(error: unknown): SignatureFault {
  const causes = [error, (error as Error).cause]
  const words = causes.flatMap((one) => (one instanceof Error ? [one.message] : [])).join(': ')
  const said = printable(words.slice(0, 300))
  if (error instanceof PolicyError) return new SignatureFault('IMAGE_SIGNER_UNTRUSTED', said, error)
  const code = error instanceof VerificationError ? error.code : undefined
  if (code === 'CERTIFICATE_ERROR' && /not valid or expired/.test(words))
    return new SignatureFault(
      'IMAGE_CERTIFICATE_EXPIRED',
      'its certificate was not valid when it was made',
      error,
    )
  if (code === 'CERTIFICATE_ERROR' || code === 'PUBLIC_KEY_ERROR')
    return new SignatureFault('IMAGE_SIGNER_UNTRUSTED', said, error)
  return new SignatureFault('IMAGE_SIGNATURE_INVALID', said, error)
}
