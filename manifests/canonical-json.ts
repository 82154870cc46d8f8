import { createHash } from 'node:crypto'
import type { Digest } from './digest.js'

/**
 * JSON whose bytes depend on its content alone: keys sorted by code unit, no white space, undefined members
 * left out (RFC 8785). For documents that we make, so that an image has the same digest on every machine.
 */
export function canonicalJson(value: unknown): string {
  const pieces: string[] = []
  writeCanonical(value, (piece) => pieces.push(piece))
  return pieces.join('')
}

export function canonicalBytes(value: unknown): Buffer {
  const pieces: Buffer[] = []
  writeCanonical(value, (piece) => pieces.push(Buffer.from(piece, 'utf8')))
  return Buffer.concat(pieces)
}

/** The digest of the bytes, which are never in memory as a whole. */
export function canonicalDigest(value: unknown): Digest {
  const hash = createHash('sha256')
  writeCanonical(value, (piece) => hash.update(piece, 'utf8'))
  return `sha256:${hash.digest('hex')}`
}

/** Characters of a piece, about: an index with thousands of entries is written in a hundred of them. */
const PIECE = 1 << 16

/** Writes a value from start to end; a list of lists is not put together once for each level. */
function writeCanonical(value: unknown, take: (piece: string) => void): void {
  let piece = ''
  const add = (text: string): void => {
    piece += text
    if (piece.length < PIECE) return
    take(piece)
    piece = ''
  }
  const write = (one: unknown): void => {
    if (Array.isArray(one)) writeList(one)
    else if (one === null || typeof one !== 'object') add(JSON.stringify(one) ?? 'null')
    else writeMembers(one as Record<string, unknown>)
  }
  const writeList = (list: unknown[]): void => {
    add('[')
    for (let i = 0; i < list.length; i++) {
      if (i > 0) add(',')
      write(list[i])
    }
    add(']')
  }
  // Written member by member: in a newly made object, keys that look like numbers would come first.
  const writeMembers = (members: Record<string, unknown>): void => {
    add('{')
    let isFirst = true
    for (const key of Object.keys(members).sort()) {
      if (members[key] === undefined) continue
      add(`${isFirst ? '' : ','}${JSON.stringify(key)}:`)
      write(members[key])
      isFirst = false
    }
    add('}')
  }
  write(value)
  take(piece)
}
