import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { TOKEN_HEADER } from '../protocol/actions.js'

/** Why a request is not answered. */
export interface Refusal {
  status: number
  message: string
}

/** How this server is reached, and by whom. */
export interface Door {
  /** `127.0.0.1:43127` */
  host: string
  token: string
}

/**
 * What no request gets past. A name that leads to this machine for a moment (DNS rebinding) does not match the
 * host; a page of another origin says so itself, and cannot set the header with the token without being asked
 * about first (Fetch standard, "CORS protocol").
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

/** Whoever types the address, or another program that opens it, comes from no site. */
function isOfPage(site: string | string[] | undefined, isFirst: boolean): boolean {
  return site === undefined || site === 'same-origin' || (isFirst && site === 'none')
}

/** What needs the token of the address. */
export function tokenRefusal(request: IncomingMessage, { token }: Door): Refusal | undefined {
  const given = request.headers[TOKEN_HEADER]
  if (typeof given === 'string' && isSame(given, token)) return undefined
  return { status: 401, message: 'The token of the address is missing or wrong.' }
}

/** Takes as long wherever they differ; the length of the token is no secret. */
export function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}
