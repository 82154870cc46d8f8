import { percentEncoded } from '../../manifests/percent-encoding.js'
import type { HttpRequest } from './http.js'

/** In characters: anything shorter occurs in too many words to be searched for. */
const SHORTEST = 3

/**
 * The secrets with which a request proves who is asking. Servers repeat what they were sent in their errors,
 * which end up in logs.
 * @returns the longest first, so that one that holds another is masked whole
 */
export function sentSecrets({ headers, body }: Pick<HttpRequest, 'headers' | 'body'>): string[] {
  const found = [...inHeader(headers.authorization), ...(typeof body === 'string' ? inForm(body) : [])]
  return [...new Set(found.flatMap((secret) => [secret, percentEncoded(secret)]))]
    .filter((secret) => secret.length >= SHORTEST)
    .sort((a, b) => b.length - a.length)
}

function inHeader(authorization: string | undefined): string[] {
  const [scheme, value] = authorization?.split(' ', 2) ?? []
  if (value === undefined) return []
  if (scheme?.toLowerCase() !== 'basic') return [value]
  const pair = Buffer.from(value, 'base64').toString('utf8')
  return [value, pair, pair.slice(pair.indexOf(':') + 1)]
}

/** The refresh token of OAuth2. */
function inForm(body: string): string[] {
  return new URLSearchParams(body).getAll('refresh_token')
}

/** A text from a server with `***` in place of the secrets it was sent. */
export function withoutSent(text: string, secrets: string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text)
}
