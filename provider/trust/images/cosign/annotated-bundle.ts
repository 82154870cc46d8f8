import { createHash, X509Certificate } from 'node:crypto'
import type { Bundle } from '@sigstore/bundle'
import { isObject } from '../../../../manifests/json-kinds.js'
import { objectIn, shaped } from '../signatures/outside-documents.js'
import { SignatureFault } from '../signatures/signature-fault.js'
import type { Envelope } from '../sigstore/envelope.js'

/** Keys of cosign's annotations (cosign, `pkg/oci/static/options.go` and `specs/SIGNATURE_SPEC.md`). */
export const COSIGN_ANNOTATIONS = {
  signature: 'dev.cosignproject.cosign/signature',
  certificate: 'dev.sigstore.cosign/certificate',
  chain: 'dev.sigstore.cosign/chain',
  bundle: 'dev.sigstore.cosign/bundle',
  timestamp: 'dev.sigstore.cosign/rfc3161timestamp',
} as const

type Annotations = Record<string, string>

/** What is signed, in the form that a bundle has in JSON. */
export type BundleContent =
  | { messageSignature: { messageDigest: { algorithm: string; digest: string }; signature: string } }
  | { dsseEnvelope: Record<string, unknown> }

/** A payload and the signature over it, in the form of a bundle. */
export function messageContent(payload: Uint8Array, signature: string): BundleContent {
  const digest = createHash('sha256').update(payload).digest('base64')
  return { messageSignature: { messageDigest: { algorithm: 'SHA2_256', digest }, signature } }
}

/** An envelope, in the form of a bundle: only what was read of it, and nothing else that it contained. */
export function envelopeContent({ payloadType, payload, signatures }: Envelope): BundleContent {
  const dsseEnvelope = {
    payloadType,
    payload: payload.toString('base64'),
    signatures: signatures.map((sig) => ({ sig: sig.toString('base64'), keyid: '' })),
  }
  return { dsseEnvelope }
}

/**
 * What cosign writes into annotations beside a signature, as the bundle that replaced them later: certificate, record
 * of the log, timestamp.
 * @returns undefined if there is neither a certificate nor a record
 * @throws SignatureFault
 */
export async function annotatedBundle(
  annotations: Annotations,
  content: BundleContent,
): Promise<Bundle | undefined> {
  const { certificate, bundle, timestamp } = COSIGN_ANNOTATIONS
  const pem = annotations[certificate]
  if (pem === undefined && annotations[bundle] === undefined) return undefined
  const { bundleFromJSON } = await import('@sigstore/bundle')
  const times = annotations[timestamp]
  return shaped(() =>
    bundleFromJSON({
      mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1',
      verificationMaterial: {
        ...(pem === undefined ? { publicKey: { hint: '' } } : { certificate: { rawBytes: derOf(pem) } }),
        tlogEntries: annotations[bundle] === undefined ? [] : [logEntry(annotations[bundle])],
        timestampVerificationData: times === undefined ? undefined : timestampIn(times),
      },
      ...content,
    }),
  )
}

/** The name in the certificate, unchecked, for display. */
export function certificateName(annotations: Annotations): string | undefined {
  const pem = annotations[COSIGN_ANNOTATIONS.certificate]
  try {
    return pem === undefined ? undefined : new X509Certificate(pem).subjectAltName?.replace(/^\w+:/, '')
  } catch {
    return undefined
  }
}

function derOf(pem: string): string {
  const [, base64 = ''] = /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/.exec(pem) ?? []
  return base64.replace(/\s/g, '')
}

/** Rekor's record in cosign's spelling, with the log's promise to include it. */
function logEntry(text: string): Record<string, unknown> {
  const { SignedEntryTimestamp: promise, Payload: record } = objectIn(Buffer.from(text), 'record of the log')
  const { body, integratedTime, logIndex, logID } = isObject(record) ? record : {}
  if (typeof promise !== 'string' || typeof body !== 'string' || typeof logID !== 'string')
    throw new SignatureFault('IMAGE_SIGNATURE_INVALID', 'its record of the log is not complete')
  const { kind, apiVersion } = objectIn(Buffer.from(body, 'base64'), 'record of the log')
  return {
    logIndex: String(logIndex),
    logId: { keyId: Buffer.from(logID, 'hex').toString('base64') },
    kindVersion: { kind, version: apiVersion },
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp: promise },
    canonicalizedBody: body,
  }
}

function timestampIn(text: string): Record<string, unknown> {
  const { SignedRFC3161Timestamp: signedTimestamp } = objectIn(Buffer.from(text), 'timestamp')
  return { rfc3161Timestamps: [{ signedTimestamp }] }
}
