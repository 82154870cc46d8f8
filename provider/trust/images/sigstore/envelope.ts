import { isObject } from '../../../../manifests/json-kinds.js'
import { objectIn } from '../signatures/outside-documents.js'
import { SignatureFault } from '../signatures/signature-fault.js'

/** A payload that is signed together with its type (DSSE, `envelope.md`). */
export interface Envelope {
  payloadType: string
  payload: Buffer
  signatures: Buffer[]
}

const MOST_SIGNATURES = 100

/** @throws SignatureFault */
export function parseEnvelope(bytes: Uint8Array): Envelope {
  const { payloadType, payload, signatures } = objectIn(bytes, 'envelope')
  if (typeof payloadType !== 'string' || typeof payload !== 'string' || !Array.isArray(signatures))
    throw new SignatureFault(
      'IMAGE_SIGNATURE_INVALID',
      'its envelope lacks a payload, its type, or signatures',
    )
  const texts = signatures.slice(0, MOST_SIGNATURES).map((one) => (isObject(one) ? one.sig : undefined))
  return {
    payloadType,
    payload: Buffer.from(payload, 'base64'),
    signatures: texts.flatMap((sig) => (typeof sig === 'string' ? [Buffer.from(sig, 'base64')] : [])),
  }
}

/** What the signatures are over (DSSE, `protocol.md`); lengths are in bytes. */
export function preAuthenticationEncoding({
  payloadType,
  payload,
}: Pick<Envelope, 'payloadType' | 'payload'>): Buffer {
  const type = Buffer.from(payloadType)
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.length} `),
    payload,
  ])
}
