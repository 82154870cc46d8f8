import { ContainerImageError, interrupted, printable } from '../../manifests/index.js'

const TIMEOUTS = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
])

/** Why a certificate was not accepted, in words. Other codes of OpenSSL's verification start with CERT_. */
const CERTIFICATES: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not known here',
  UNABLE_TO_GET_ISSUER_CERT: 'its authority is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is not known here',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another host name',
  HOSTNAME_MISMATCH: 'it is for another host name',
}

const UNREACHABLE: Record<string, string> = {
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up now',
  ECONNREFUSED: 'it refuses the connection',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
}

/** How far an exchange had come when it failed. */
export type Stage = 'connecting' | 'waiting' | 'reading'

/**
 * What an error of the connection means, with the host but never with the URL's query, which may hold a
 * signature or a token.
 */
export function networkError(
  error: unknown,
  url: URL,
  stage: Stage,
  signal?: AbortSignal,
): ContainerImageError {
  if (signal?.aborted) return interrupted(signal.reason)
  if (error instanceof ContainerImageError) return error
  const code = codeOf(error)
  const facts = { side: 'source', cause: error, details: { host: url.host, code, stage } } as const
  if (TIMEOUTS.has(code)) return timeout(url, stage, facts)
  const distrust = CERTIFICATES[code] ?? (code.startsWith('CERT_') ? code : undefined)
  if (distrust)
    return new ContainerImageError(
      'CERTIFICATE_UNTRUSTED',
      `The certificate of ${url.host} is not accepted: ${distrust}.`,
      facts,
    )
  if (code.startsWith('HPE_') || code.startsWith('UND_ERR_RESPONSE') || code === 'UND_ERR_HEADERS_OVERFLOW')
    return new ContainerImageError('REGISTRY_ERROR', `${url.host} does not answer in HTTP as it should.`, {
      ...facts,
      found: printable(messageOf(error)),
    })
  const why = UNREACHABLE[code] ?? printable(messageOf(error))
  return new ContainerImageError('NETWORK_UNREACHABLE', `${url.host} cannot be reached: ${why}.`, facts)
}

function timeout(url: URL, stage: Stage, facts: object): ContainerImageError {
  const what =
    stage === 'connecting'
      ? `${url.host} does not accept the connection in time.`
      : stage === 'waiting'
        ? `${url.host} does not answer in time.`
        : `${url.host} stopped sending.`
  return new ContainerImageError('NETWORK_TIMEOUT', what, facts)
}

/** The code of an error, or of the first of several attempts to connect. */
export function codeOf(error: unknown): string {
  if (error === null || typeof error !== 'object') return ''
  if ('code' in error && typeof error.code === 'string') return error.code
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return 'cause' in error ? codeOf(error.cause) : ''
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Whether a TLS handshake failed because the other end does not speak TLS. */
export function isNotTls(error: unknown): boolean {
  const code = codeOf(error instanceof ContainerImageError ? error.cause : error)
  return code === 'EPROTO' || code.startsWith('ERR_SSL_')
}
