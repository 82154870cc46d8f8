import { constants, type KeyObject, verify } from 'node:crypto'
import { isDigest, printable } from '../../../../manifests/index.js'
import { isObject } from '../../../../manifests/json-kinds.js'
import { objectIn } from '../signatures/outside-documents.js'
import type { ReadSignature } from '../signatures/read-signature.js'
import { SignatureFault } from '../signatures/signature-fault.js'
import type { CertificateSigner } from '../signers/signer.js'
import { JWS_ALGORITHMS, type JwsEnvelope, parseJws } from './jws-envelope.js'

/**
 * A Notary Project signature in JWS.
 * @throws SignatureFault
 */
export async function notationSignature(bytes: Uint8Array): Promise<ReadSignature> {
  const envelope = parseJws(bytes)
  const { targetArtifact } = objectIn(envelope.payload, 'payload')
  const digest = isObject(targetArtifact) ? targetArtifact.digest : undefined
  if (!isDigest(digest))
    throw new SignatureFault('IMAGE_SIGNATURE_INVALID', 'its payload does not say which manifest it is for')
  const { readChain } = await import('./certificate-chain.js')
  const [certificate] = readChain(envelope.chain)
  return {
    kind: 'notation',
    about: [digest],
    claimedSigner: inOneLine(certificate.subject),
    check: async (signer) => {
      if (signer.kind === 'certificate') return await checkCertificate(envelope, signer)
      throw new SignatureFault('IMAGE_SIGNER_UNTRUSTED', 'it is by a certificate of Notary Project')
    },
  }
}

async function checkCertificate(envelope: JwsEnvelope, signer: CertificateSigner): Promise<string> {
  const { checkChain, checkKeys, hasSubject, readChain } = await import('./certificate-chain.js')
  const chain = readChain(envelope.chain)
  checkKeys([...chain, ...signer.authorities])
  const [{ publicKey, subject }] = chain
  if (!isSigned(envelope, publicKey))
    throw new SignatureFault('IMAGE_SIGNATURE_INVALID', 'it was altered, or is not by its certificate')
  // Only an authority's statement of the time is trusted (trust-store-trust-policy.md, "Signature validation").
  checkChain(
    chain,
    signer.authorities,
    envelope.isByAuthority && envelope.signedAt ? envelope.signedAt : new Date(),
  )
  if (envelope.expiry && envelope.expiry < new Date())
    throw new SignatureFault(
      'IMAGE_CERTIFICATE_EXPIRED',
      `its signer stood by it until ${envelope.expiry.toISOString().slice(0, 10)}`,
    )
  const name = inOneLine(subject)
  const { subjects } = signer
  if (subjects.length > 0 && !subjects.some((one) => hasSubject(chain[0], one)))
    throw new SignatureFault('IMAGE_SIGNER_UNTRUSTED', `it is by ${name}`)
  return name
}

function isSigned({ algorithm, signed, signature }: JwsEnvelope, key: KeyObject): boolean {
  const { hash, key: wanted } = JWS_ALGORITHMS[algorithm]
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {}
  if (`${key.asymmetricKeyType} ${namedCurve ?? modulusLength}` !== wanted) return false
  return key.asymmetricKeyType === 'ec'
    ? verify(hash, signed, { key, dsaEncoding: 'ieee-p1363' }, signature)
    : verify(
        hash,
        signed,
        { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
        signature,
      )
}

function inOneLine(subject: string): string {
  return printable(subject.split('\n').join(', '))
}
