import { percentEncoded } from '../../manifests/percent-encoding.js'
import type { HttpRequest } from './http.js'

/** In characters: what is shorter stands in too many words to be looked for. */
const SHORTEST = 3

/**
 * What a request proves with who asks. Servers repeat what they were sent in their errors, which end up in logs.
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

/** A text of a server with `***` in the place of what it was sent. */
export function withoutSent(text: string, secrets: string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text)
}
