import type { OutgoingHttpHeaders } from 'node:http'

/** The page asks nobody but this server, runs nothing that is not a file of it, and is not shown within another. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  // Nothing may become markup or script by way of a text.
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

/** What every answer has. */
export const HEADERS: OutgoingHttpHeaders = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
}
