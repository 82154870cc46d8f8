import { X509Certificate } from 'node:crypto'
import type { Bundle } from '@sigstore/bundle'
import { digestOf } from '../../../../manifests/index.js'
import { objectIn, shaped } from '../signatures/outside-documents.js'
import type { ReadSignature } from '../signatures/read-signature.js'
import { SignatureFault } from '../signatures/signature-fault.js'
import { preAuthenticationEncoding } from './envelope.js'
import { type SigstoreContent, sigstoreCheck } from './sigstore-signature.js'
import { parseStatement, type Statement } from './statement.js'

/**
 * A sigstore bundle (protobuf-specs, `sigstore_bundle.proto`, 0.1 to 0.3): a statement in an envelope, or a signature
 * over bytes.
 * @param artifact gives the bytes for which a signature without a statement was made: the manifest to which the bundle
 * refers
 * @throws SignatureFault
 */
export async function bundleSignature(
  bytes: Uint8Array,
  artifact: () => Promise<Buffer>,
): Promise<ReadSignature> {
  const json = objectIn(bytes, 'bundle')
  const { bundleFromJSON } = await import('@sigstore/bundle')
  const bundle = shaped(() => bundleFromJSON(json))
  refuseRoots(bundle)
  const { about, content } = await contentOf(bundle, artifact)
  return { kind: 'sigstore', ...about, claimedSigner: certificateName(bundle), check: sigstoreCheck(content) }
}

interface BundleContent {
  about: Statement
  content: SigstoreContent
}

/** Taken from what the library has read, which is what it verifies. */
async function contentOf(bundle: Bundle, artifactOf: () => Promise<Buffer>): Promise<BundleContent> {
  if (bundle.content.$case === 'messageSignature') {
    const { signature } = bundle.content.messageSignature
    const artifact = await artifactOf()
    return {
      about: { about: [digestOf(artifact)] },
      content: { signed: artifact, signatures: [signature], bundle, artifact },
    }
  }
  const { payloadType, payload, signatures } = bundle.content.dsseEnvelope
  const envelope = { payloadType, payload, signatures: signatures.map(({ sig }) => sig) }
  return {
    about: parseStatement(envelope),
    content: {
      signed: preAuthenticationEncoding(envelope),
      signatures: envelope.signatures,
      bundle,
      artifact: undefined,
    },
  }
}

/** The verifier has the root; a bundle must not bring one (sigstore_common.proto, `X509CertificateChain`). */
function refuseRoots(bundle: Bundle): void {
  if (bundle.verificationMaterial.content.$case !== 'x509CertificateChain') return
  const chain = shaped(() => certificatesOf(bundle).map(({ rawBytes }) => new X509Certificate(rawBytes)))
  if (chain.some((one) => one.checkIssued(one)))
    throw new SignatureFault('IMAGE_SIGNATURE_INVALID', 'it brings a root certificate of its own')
}

function certificatesOf({ verificationMaterial: { content } }: Bundle) {
  if (content.$case === 'certificate') return [content.certificate]
  return content.$case === 'x509CertificateChain' ? content.x509CertificateChain.certificates : []
}

/** The name in the certificate, unchecked, for display. */
function certificateName(bundle: Bundle): string | undefined {
  const [certificate] = certificatesOf(bundle)
  try {
    return certificate && new X509Certificate(certificate.rawBytes).subjectAltName?.replace(/^\w+:/, '')
  } catch {
    return undefined
  }
}
