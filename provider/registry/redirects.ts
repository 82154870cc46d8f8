import { ContainerImageError, show } from '../../manifests/index.js'
import { isLoopbackHost } from './addresses.js'
import { type HttpAnswer, type HttpRequest, header } from './http.js'
import type { Transport } from './transport.js'

const MOST = 5
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** Headers that belong to the origin they were made for (undici CVE-2023-45143, oras-go GHSA-vh4v-2xq2-g5cg). */
const BOUND_TO_ORIGIN = ['authorization', 'cookie', 'proxy-authorization']

export interface RedirectRules {
  /** Plain http is allowed to any host. */
  insecure: boolean
  /** A further condition on each new URL; throws if it is not met. */
  allow?: (url: URL) => void
}

/**
 * Sends a request and follows where it is sent on, at most five times. Credentials stay with their origin,
 * https is never left, and a public host cannot lead into a private network.
 * @throws REDIRECT_REFUSED and what the transport throws
 */
export async function sendFollowing(
  transport: Transport,
  request: HttpRequest,
  rules: RedirectRules,
): Promise<HttpAnswer> {
  let current = request
  for (let hops = 0; ; hops++) {
    const answer = await transport.send(current)
    if (!REDIRECTS.has(answer.status)) return answer
    await answer.body.discard()
    if (hops === MOST)
      throw refused(request.url, `it goes on after ${MOST} redirects`, `at most ${MOST} redirects`, 'more')
    current = nextRequest(current, answer, rules, transport)
  }
}

function nextRequest(
  request: HttpRequest,
  answer: HttpAnswer,
  rules: RedirectRules,
  transport: Transport,
): HttpRequest {
  const url = target(request.url, header(answer, 'location'))
  checkScheme(request.url, url, rules)
  if (url.username || url.password)
    throw refused(request.url, 'its target holds credentials', 'a URL without credentials', 'credentials')
  if (request.method !== 'GET' && request.method !== 'HEAD')
    throw refused(request.url, `a ${request.method} is not sent on`, 'an answer', `status ${answer.status}`)
  rules.allow?.(url)
  const headers = url.origin === request.url.origin ? request.headers : withoutCredentials(request.headers)
  const reach = transport.isPrivate(request.url) ? request.reach : 'public'
  const sentOnBy = url.host === request.url.host ? request.sentOnBy : request.url.host
  return { ...request, url, headers, reach, ...(sentOnBy === undefined ? {} : { sentOnBy }) }
}

function target(from: URL, location: string | undefined): URL {
  if (location && URL.canParse(location, from.href)) return new URL(location, from.href)
  throw refused(from, 'its target is not a URL', 'a URL in Location', location ? show(location) : 'nothing')
}

function checkScheme(from: URL, to: URL, rules: RedirectRules): void {
  if (to.protocol === 'https:') return
  if (to.protocol !== 'http:') throw refused(from, 'its target is not on the web', 'https', show(to.protocol))
  if (from.protocol === 'https:') throw refused(from, 'it leads from https to http', 'https', to.host)
  if (!rules.insecure && !isLoopbackHost(to.hostname))
    throw refused(from, 'it leads to plain http', 'https', to.host)
}

function withoutCredentials(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !BOUND_TO_ORIGIN.includes(name.toLowerCase())),
  )
}

function refused(from: URL, why: string, expected: string, found: string): ContainerImageError {
  return new ContainerImageError('REDIRECT_REFUSED', `A redirect of ${from.host} is not followed: ${why}.`, {
    side: 'source',
    expected,
    found,
  })
}
