import {
  ContainerImageError,
  type ErrorFacts,
  hasCode,
  interrupted,
  option,
  printable,
} from '../../manifests/index.js'
import { TooSlow } from './pace.js'
import { proxyWantsLogin, refusedTunnel } from './proxy-error.js'
import type { Timeouts } from './settings.js'

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

/**
 * Alerts from a server that requires a client certificate or does not accept the one it got (RFC 8446 section
 * 6.2).
 */
const WANTS_CERTIFICATE =
  /ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_(UNKNOWN|EXPIRED))/

/** The client was closed during the request. */
const OUR_OWN = new Set(['UND_ERR_DESTROYED', 'UND_ERR_CLOSED'])

const UNREACHABLE: Record<string, string> = {
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up now',
  ECONNREFUSED: 'it refuses the connection',
  ECONNRESET: 'the connection was cut',
  TUNNEL_CUT: 'the proxy closes the connection and does not answer',
  EPIPE: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
}

/** How far an exchange had come when it failed. */
export type Stage = 'connecting' | 'waiting' | 'reading' | 'crawling'

export interface ExchangeFacts {
  url: URL
  proxy: URL | undefined
  stage: Stage
  timeouts: Timeouts
  signal: AbortSignal | undefined
}

/**
 * What an error of the connection means, with the host but never with the URL's query or a proxy's user,
 * which may be secret.
 */
export function networkError(error: unknown, exchange: ExchangeFacts): ContainerImageError {
  const { url, proxy, stage, timeouts, signal } = exchange
  if (signal?.aborted) return interrupted(signal.reason)
  if (error instanceof ContainerImageError) return error
  if (error instanceof TooSlow) return crawling(error, url)
  const code = codeOf(error)
  // If we ended it ourselves, it says nothing about the host.
  if (OUR_OWN.has(code)) return interrupted(error)
  const host = proxy ? `${url.host} (through the proxy ${proxy.host})` : url.host
  const facts = { side: 'source', cause: error, details: { host: url.host, code, stage } } as const
  const tunnel = refusedTunnel(messageOf(error))
  if (proxy && tunnel !== undefined) return noTunnel(tunnel, host, proxy, facts)
  if (TIMEOUTS.has(code))
    return new ContainerImageError('NETWORK_TIMEOUT', timeout(host, stage), {
      ...facts,
      expected: inTime(stage, timeouts),
    })
  const distrust = CERTIFICATES[code] ?? (code.startsWith('CERT_') ? code : undefined)
  if (distrust)
    return new ContainerImageError(
      'CERTIFICATE_UNTRUSTED',
      `The certificate of ${host} is not accepted: ${distrust}.`,
      facts,
    )
  if (WANTS_CERTIFICATE.test(code)) return certificateWanted(url, facts)
  // Z_: what says that it is compressed is not, or is cut short.
  if (/^(HPE|Z)_/.test(code) || code.startsWith('UND_ERR_RES') || code === 'UND_ERR_HEADERS_OVERFLOW')
    return new ContainerImageError('REGISTRY_ERROR', `${host} does not answer in HTTP as it should.`, {
      ...facts,
      expected: 'an answer in HTTP',
      found: printable(messageOf(error)),
    })
  const why = UNREACHABLE[code] ?? printable(messageOf(error))
  return new ContainerImageError('NETWORK_UNREACHABLE', `${host} cannot be reached: ${why}.`, facts)
}

/**
 * The same error with what it is about, if it only names the host: with many images the reader wants to know
 * which one.
 */
export function naming(error: unknown, subject: string): unknown {
  if (!hasCode(error, 'NETWORK_UNREACHABLE', 'NETWORK_TIMEOUT')) return error
  const isOfHost = error.details?.stage === 'connecting' || error.details?.stage === undefined
  if (isOfHost || error.message.includes(subject)) return error
  const { code, message, side, expected, found, remedy, details, cause } = error
  const facts = { side, expected, found, remedy, details, cause }
  return new ContainerImageError(code, `${subject}: ${message}`, facts)
}

function noTunnel(status: number, host: string, proxy: URL, facts: ErrorFacts): ContainerImageError {
  const found = `status ${status}`
  if (status === 407) {
    const { code, message, remedy } = proxyWantsLogin(`The proxy ${proxy.host}`)
    return new ContainerImageError(code, message, { ...facts, found, remedy })
  }
  const message = `${host} cannot be reached: the proxy answers with status ${status}.`
  const remedy = 'Ask the people who run the proxy to allow the host, or name it in NO_PROXY.'
  return new ContainerImageError('NETWORK_UNREACHABLE', message, { ...facts, found, remedy })
}

function crawling({ bytes, least, window }: TooSlow, { host }: URL): ContainerImageError {
  return new ContainerImageError('NETWORK_TIMEOUT', `${host} sends too slowly.`, {
    side: 'source',
    expected: `at least ${least} bytes in ${window / 1000} seconds`,
    found: `${bytes} bytes`,
    details: { host, stage: 'crawling' satisfies Stage },
  })
}

/**
 * The error of a server that closed the connection because it misses a certificate; undefined for all others.
 * @param broken what broke the connection  @param error what the exchange made of it
 */
export function wantsCertificate(broken: unknown, url: URL, error: unknown): ContainerImageError | undefined {
  if (!hasCode(error, 'NETWORK_UNREACHABLE') || !WANTS_CERTIFICATE.test(codeOf(broken))) return undefined
  return certificateWanted(url, { side: 'source', cause: broken, details: { ...error.details } })
}

function certificateWanted(url: URL, facts: ErrorFacts): ContainerImageError {
  return new ContainerImageError(
    'UNAUTHORIZED',
    `${url.host} wants a certificate of yours, or another one.`,
    {
      ...facts,
      expected: 'a certificate that it knows the authority of',
      remedy: `Name certificate and key with ${option('certFile')} and ${option('keyFile')}, or keep them in certs.d.`,
    },
  )
}

function timeout(host: string, stage: Stage): string {
  if (stage === 'connecting') return `${host} does not accept the connection in time.`
  return stage === 'waiting' ? `${host} does not answer in time.` : `${host} stopped sending.`
}

function inTime(stage: Stage, { connect, headers, bodyIdle }: Timeouts): string {
  if (stage === 'connecting') return `a connection within ${connect / 1000} seconds`
  if (stage === 'waiting') return `the head of an answer within ${headers / 1000} seconds`
  return `more of the answer within ${bodyIdle / 1000} seconds`
}

/** The code of an error, or of the first of several attempts to connect. */
function codeOf(error: unknown): string {
  if (error === null || typeof error !== 'object') return ''
  if ('code' in error && typeof error.code === 'string') return error.code
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return 'cause' in error ? codeOf(error.cause) : ''
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Whether something came where an answer was expected that is no HTTP. */
export function isNotHttp(error: unknown): error is ContainerImageError {
  if (!(error instanceof ContainerImageError)) return false
  const { cause, details } = error
  return (
    details?.stage === ('waiting' satisfies Stage) &&
    cause instanceof Error &&
    cause.name === 'HTTPParserError'
  )
}

/**
 * Whether a TLS handshake failed because the other end does not speak TLS. OpenSSL then reads the plain
 * answer as a record of a strange version or length; how Node names that differs from version to version.
 */
export function isNotTls(error: unknown): boolean {
  const cause = error instanceof ContainerImageError ? error.cause : error
  const text = `${codeOf(cause)} ${messageOf(cause)}`.replaceAll('_', ' ')
  return /wrong version number|packet length too long|http request|unknown protocol|bad record type/i.test(
    text,
  )
}
