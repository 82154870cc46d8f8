import type { ReadSignature } from '../signatures/read-signature.js'
import { SignatureFault } from '../signatures/signature-fault.js'
import { parseEnvelope, preAuthenticationEncoding } from '../sigstore/envelope.js'
import { sigstoreCheck } from '../sigstore/sigstore-signature.js'
import { parseStatement } from '../sigstore/statement.js'
import {
  annotatedBundle,
  COSIGN_ANNOTATIONS,
  certificateName,
  envelopeContent,
  messageContent,
} from './annotated-bundle.js'
import { parseSimpleSigning } from './simple-signing.js'

type Annotations = Record<string, string>

/**
 * A layer of `sha256-<hex>.sig`: a payload, with the signature over it in an annotation.
 * @throws SignatureFault
 */
export async function cosignSignature(payload: Buffer, annotations: Annotations): Promise<ReadSignature> {
  const signature = annotations[COSIGN_ANNOTATIONS.signature]
  if (!signature)
    throw new SignatureFault(
      'IMAGE_SIGNATURE_INVALID',
      `it has no annotation ${COSIGN_ANNOTATIONS.signature}`,
    )
  const { digest, reference } = parseSimpleSigning(payload)
  return {
    kind: 'cosign',
    about: [digest],
    name: reference,
    claimedSigner: certificateName(annotations),
    check: sigstoreCheck({
      signed: payload,
      signatures: [Buffer.from(signature, 'base64')],
      bundle: await annotatedBundle(annotations, messageContent(payload, signature)),
      artifact: payload,
    }),
  }
}

/**
 * A layer of `sha256-<hex>.att`: a statement in an envelope.
 * @throws SignatureFault
 */
export async function cosignAttestation(bytes: Buffer, annotations: Annotations): Promise<ReadSignature> {
  const envelope = parseEnvelope(bytes)
  return {
    kind: 'cosign',
    ...parseStatement(envelope),
    claimedSigner: certificateName(annotations),
    check: sigstoreCheck({
      signed: preAuthenticationEncoding(envelope),
      signatures: envelope.signatures,
      bundle: await annotatedBundle(annotations, envelopeContent(envelope)),
      artifact: undefined,
    }),
  }
}
