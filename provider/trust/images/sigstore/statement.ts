import { type Digest, Findings, isDigest, parseJson, show } from '../../../../manifests/index.js'
import { isObject } from '../../../../manifests/json-kinds.js'
import { COSIGN_SIGN } from '../signatures/read-signature.js'
import { SignatureFault } from '../signatures/signature-fault.js'
import type { Envelope } from './envelope.js'

/** What an attestation says. */
export interface Statement {
  about: Digest[]
  /** Undefined for cosign's plain signature. */
  predicateType?: string
}

const PAYLOAD_TYPE = 'application/vnd.in-toto+json'
const MOST_SUBJECTS = 10_000

/**
 * The statement in an envelope (in-toto attestation, spec v1).
 * @throws SignatureFault
 */
export function parseStatement({
  payloadType,
  payload,
}: Pick<Envelope, 'payloadType' | 'payload'>): Statement {
  if (payloadType !== PAYLOAD_TYPE)
    throw invalid(`its envelope holds ${show(payloadType)}, and not ${PAYLOAD_TYPE}`)
  const findings = new Findings('statement')
  const json = parseJson(payload, findings)
  if (!isObject(json) || !Array.isArray(json.subject) || typeof json.predicateType !== 'string')
    throw invalid('its envelope holds no statement with a subject and the type of a predicate')
  const about = json.subject.slice(0, MOST_SUBJECTS).flatMap((subject: unknown) => {
    const digests = isObject(subject) && isObject(subject.digest) ? Object.entries(subject.digest) : []
    return digests.map(([algorithm, hex]) => `${algorithm}:${hex}`).filter((one) => isDigest(one))
  })
  return { about, ...(json.predicateType === COSIGN_SIGN ? {} : { predicateType: json.predicateType }) }
}

function invalid(what: string): SignatureFault {
  return new SignatureFault('IMAGE_SIGNATURE_INVALID', what)
}
