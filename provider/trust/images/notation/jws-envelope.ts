import { show } from '../../../../manifests/index.js'
import { isObject, isTexts } from '../../../../manifests/json-kinds.js'
import { objectIn } from '../signatures/outside-documents.js'
import { SignatureFault } from '../signatures/signature-fault.js'

/** A Notary Project signature in JWS (notaryproject/specifications, `signature-envelope-jws.md`). */
export interface JwsEnvelope {
  algorithm: JwsAlgorithm
  /** What is signed, and what is read: both halves in base64url. */
  signed: Buffer
  payload: Buffer
  signature: Buffer
  /** The signer's certificate comes first; each is in DER. */
  chain: Buffer[]
  /** When the signer says that it was made; that is worth something only from a signing authority. */
  signedAt?: Date
  isByAuthority: boolean
  /** The time after which the signer no longer stands by it. */
  expiry?: Date
}

/** As in RFC 7518, with the key sizes for which the specification prescribes each. */
export const JWS_ALGORITHMS = {
  PS256: { hash: 'sha256', key: 'rsa 2048' },
  PS384: { hash: 'sha384', key: 'rsa 3072' },
  PS512: { hash: 'sha512', key: 'rsa 4096' },
  ES256: { hash: 'sha256', key: 'ec prime256v1' },
  ES384: { hash: 'sha384', key: 'ec secp384r1' },
  ES512: { hash: 'sha512', key: 'ec secp521r1' },
} as const
export type JwsAlgorithm = keyof typeof JWS_ALGORITHMS

export const PAYLOAD_TYPE = 'application/vnd.cncf.notary.payload.v1+json'
const MOST_CERTIFICATES = 10

/**
 * Headers that are understood here; an unknown header that is critical makes a signature worthless (RFC 7515, 4.1.11).
 */
const SCHEME = 'io.cncf.notary.signingScheme'
const SIGNING_TIME = 'io.cncf.notary.signingTime'
const AUTHENTIC_TIME = 'io.cncf.notary.authenticSigningTime'
const EXPIRY = 'io.cncf.notary.expiry'
const UNDERSTOOD = [SCHEME, AUTHENTIC_TIME, EXPIRY]

/** @throws SignatureFault */
export function parseJws(bytes: Uint8Array): JwsEnvelope {
  const { payload, protected: head, header, signature } = objectIn(bytes, 'envelope')
  const chain = isObject(header) ? header.x5c : undefined
  if (typeof payload !== 'string' || typeof head !== 'string' || typeof signature !== 'string')
    throw invalid('its envelope lacks a payload, protected headers, or the signature')
  if (!isTexts(chain) || chain.length === 0 || chain.length > MOST_CERTIFICATES)
    throw invalid(`its envelope has no chain of one to ${MOST_CERTIFICATES} certificates`)
  return {
    ...headersOf(objectIn(Buffer.from(head, 'base64url'), 'protected headers')),
    signed: Buffer.from(`${head}.${payload}`),
    payload: Buffer.from(payload, 'base64url'),
    signature: Buffer.from(signature, 'base64url'),
    chain: chain.map((one) => Buffer.from(one, 'base64')),
  }
}

type Headers = Pick<JwsEnvelope, 'algorithm' | 'signedAt' | 'isByAuthority' | 'expiry'>

function headersOf(headers: Record<string, unknown>): Headers {
  const { alg, cty, crit } = headers
  const algorithm = Object.keys(JWS_ALGORITHMS).find((one) => one === alg) as JwsAlgorithm | undefined
  if (!algorithm)
    throw invalid(`its algorithm is ${show(alg)}, and none of ${Object.keys(JWS_ALGORITHMS).join(', ')}`)
  if (cty !== PAYLOAD_TYPE) throw invalid(`its payload is ${show(cty)}, and not ${PAYLOAD_TYPE}`)
  const scheme = headers[SCHEME]
  const isByAuthority = scheme === 'notary.x509.signingAuthority'
  if (!isByAuthority && scheme !== 'notary.x509') throw invalid(`its signing scheme is ${show(scheme)}`)
  const critical = isTexts(crit) ? crit : []
  const unknown = critical.find((one) => !UNDERSTOOD.includes(one))
  if (unknown !== undefined) throw invalid(`it needs the header ${show(unknown)} to be understood`)
  const needed = [
    SCHEME,
    ...(headers[EXPIRY] === undefined ? [] : [EXPIRY]),
    ...(isByAuthority ? [AUTHENTIC_TIME] : []),
  ]
  const missing = needed.find((one) => !critical.includes(one))
  if (missing !== undefined) throw invalid(`its header ${missing} is not marked as critical`)
  const signedAt = timeIn(headers, isByAuthority ? AUTHENTIC_TIME : SIGNING_TIME)
  if (isByAuthority && !signedAt) throw invalid('its authority gives no time')
  return { algorithm, isByAuthority, signedAt, expiry: timeIn(headers, EXPIRY) }
}

function timeIn(headers: Record<string, unknown>, key: string): Date | undefined {
  const text = headers[key]
  if (text === undefined) return undefined
  const time = new Date(typeof text === 'string' ? text : Number.NaN)
  if (Number.isNaN(time.getTime())) throw invalid(`its header ${key} is no time`)
  return time
}

function invalid(what: string): SignatureFault {
  return new SignatureFault('IMAGE_SIGNATURE_INVALID', what)
}
