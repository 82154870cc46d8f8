import { createHash } from 'node:crypto'
import { ContainerImageError } from './errors.js'
import { show } from './problems.js'

/**
 * `<algorithm>:<hex>`; the algorithms are the two that the image-spec registers
 * (descriptor.md, "Registered algorithms"). The hex is lower case and of full length.
 */
export type Digest = string

const HEX_LENGTH: Record<string, number> = { sha256: 64, sha512: 128 }

/** Whether a value is a digest of a registered algorithm; nothing else may become a file name (CVE-2024-3727). */
export function isDigest(value: unknown): value is Digest {
  if (typeof value !== 'string') return false
  const match = /^(sha256|sha512):([0-9a-f]+)$/.exec(value)
  return match !== null && match[2]?.length === HEX_LENGTH[match[1] ?? '']
}

/** @throws INVALID_DIGEST */
export function parseDigest(value: unknown): Digest {
  if (isDigest(value)) return value
  throw new ContainerImageError('INVALID_DIGEST', `${show(value)} is not a digest.`, {
    expected: 'sha256:<64 lower-case hex digits> or sha512:<128>',
    found: show(value),
  })
}

/** The two halves of a digest. @throws INVALID_DIGEST */
export function splitDigest(digest: Digest): { algorithm: 'sha256' | 'sha512'; hex: string } {
  parseDigest(digest)
  const at = digest.indexOf(':')
  return { algorithm: digest.slice(0, at) as 'sha256' | 'sha512', hex: digest.slice(at + 1) }
}

/** The sha256 digest of bytes in memory. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** The digest that people read in tables: its first twelve hex digits, as docker shows it. */
export function shortDigest(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1, digest.indexOf(':') + 13)
}
