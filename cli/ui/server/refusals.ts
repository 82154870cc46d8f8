import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { TOKEN_HEADER } from '../protocol/actions.js'

/** Why a request is not answered. */
export interface Refusal {
  status: number
  message: string
}

/** Where this server can be reached, and by whom. */
export interface Door {
  /** `127.0.0.1:43127` */
  host: string
  token: string
}

/**
 * Checks that no request can get around. A name that leads to this machine for a moment (DNS rebinding) does not match
 * the host; a page of another origin says so itself, and cannot set the header with the token without a preflight
 * request (Fetch standard, "CORS protocol").
 */
export function refusalOf(request: IncomingMessage, { host }: Door): Refusal | undefined {
  const { headers } = request
  if (headers.host !== host) return { status: 421, message: 'This host is not served here.' }
  if (headers.origin !== undefined && headers.origin !== `http://${host}`)
    return { status: 403, message: 'Other origins are not answered.' }
  if (!isOfPage(headers['sec-fetch-site'], request.url === '/'))
    return { status: 403, message: 'Other sites are not answered.' }
  return undefined
}

/** If the user types the address, or another program opens it, the request comes from no site. */
function isOfPage(site: string | string[] | undefined, isFirst: boolean): boolean {
  return site === undefined || site === 'same-origin' || (isFirst && site === 'none')
}

/** Refuses what needs the token of the address and does not have it. */
export function tokenRefusal(request: IncomingMessage, { token }: Door): Refusal | undefined {
  const given = request.headers[TOKEN_HEADER]
  if (typeof given === 'string' && isSame(given, token)) return undefined
  return { status: 401, message: 'The token of the address is missing or wrong.' }
}

/** Takes the same time wherever they differ; the length of the token is no secret. */
export function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}
