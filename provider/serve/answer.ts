import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Digest } from '../../manifests/index.js'

/** One request on its way, with what the log will say of it. */
export interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  /** Without the query. */
  path: string
  query: URLSearchParams
  isHead: boolean
  /** Bytes of the body that went out. */
  sent: number
}

/** Answers with a text or document that is in memory. */
export function answer(
  exchange: Exchange,
  status: number,
  type: string,
  body: Uint8Array | string,
  headers: Record<string, string> = {},
): void {
  const { response, isHead } = exchange
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body
  response.writeHead(status, { ...headers, 'Content-Type': type, 'Content-Length': bytes.length })
  if (!isHead) exchange.sent = bytes.length
  response.end(isHead ? undefined : bytes)
}

export function answerJson(
  exchange: Exchange,
  document: unknown,
  headers: Record<string, string> = {},
): void {
  answer(exchange, 200, 'application/json', `${JSON.stringify(document)}\n`, headers)
}

/** What is the same for whatever has a digest: the client may keep it, and ask whether it is still the same. */
export function digestHeaders(digest: Digest): Record<string, string> {
  return { 'Docker-Content-Digest': digest, ETag: `"${digest}"` }
}

/** RFC 9110, section 13.1.2: the client has these bytes already, and 304 was answered. */
export function answeredUnchanged({ request, response }: Exchange, digest: Digest): boolean {
  const header = request.headers['if-none-match']
  if (header === undefined) return false
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  if (!tags.includes('*') && !tags.includes(`"${digest}"`)) return false
  response.writeHead(304, digestHeaders(digest))
  response.end()
  return true
}
