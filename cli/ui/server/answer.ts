import type { ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { ERROR_CODES } from '../../../manifests/index.js'
import { asOurs, errorDocument } from '../../output/errors.js'
import { jsonText } from '../../output/json.js'
import { RefusedBody } from './body.js'
import { HEADERS } from './headers.js'
import { PAGE_ASSETS } from './page-assets.js'
import type { Refusal } from './refusals.js'

const TYPES: Record<string, string> = {
  '/': 'text/html; charset=utf-8',
  '/app.js': 'text/javascript; charset=utf-8',
  '/style.css': 'text/css; charset=utf-8',
  '/icon.svg': 'image/svg+xml',
}

/** Statuses for what the exit codes mean; any other code is a failure on this side. */
const STATUS: Record<number, number> = { 2: 400, 3: 404, 5: 409 }

export function sendJson(response: ServerResponse, document: unknown, status = 200): void {
  if (response.destroyed || response.headersSent) return
  response.writeHead(status, { ...HEADERS, 'content-type': 'application/json; charset=utf-8' })
  response.end(jsonText(document, 0))
}

/** Refuses, and reads nothing more from that connection. */
export function sendRefusal(response: ServerResponse, { status, message }: Refusal): void {
  response.shouldKeepAlive = false
  sendJson(response, { error: { code: 'REFUSED', message } }, status)
}

export function sendError(response: ServerResponse, error: unknown): void {
  if (error instanceof RefusedBody) sendRefusal(response, error.refusal)
  else {
    const ours = asOurs(error)
    sendJson(response, errorDocument(ours), STATUS[ERROR_CODES[ours.code].exit] ?? 500)
  }
}

/**
 * Sends a file of the page.
 * @returns whether there is one with that path
 */
export function sendPage(response: ServerResponse, path: string, takesGzip: boolean): boolean {
  const type = Object.hasOwn(TYPES, path) ? TYPES[path] : undefined
  if (type === undefined) return false
  const packed = Buffer.from(PAGE_ASSETS[path] ?? '', 'base64')
  const body = takesGzip ? packed : gunzipSync(packed)
  response.writeHead(200, {
    ...HEADERS,
    'content-type': type,
    'content-length': body.length,
    vary: 'accept-encoding',
    ...(takesGzip ? { 'content-encoding': 'gzip' } : {}),
  })
  response.end(response.req.method === 'HEAD' ? undefined : body)
  return true
}
