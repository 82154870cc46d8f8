import { ContainerImageError, show } from '../../../manifests/index.js'

/** minisign's files are small: comments of at most 1,024 and 8,192 bytes, and a line or two of base64. */
export const MOST_BYTES = 16 * 1024

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** The lines of a minisign file; the last one may or may not end with a line break. */
export function linesOf(bytes: Uint8Array): string[] {
  const lines = Buffer.from(bytes).toString('utf8').split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** The bytes of a line of base64, if it has exactly this many. */
export function decoded(line: string | undefined, size: number): Buffer | undefined {
  if (line === undefined || !BASE64.test(line)) return undefined
  const bytes = Buffer.from(line, 'base64')
  return bytes.length === size ? bytes : undefined
}

/** For minisign's comment lines: what follows the word, if the line begins with it. */
export function commentOf(line: string | undefined, word: string): string | undefined {
  return line?.startsWith(word) ? line.slice(word.length).trimStart() : undefined
}

/** The error for something that is not a file of this kind. */
export function notOfMinisign(label: string, expected: string, found: string): ContainerImageError {
  return new ContainerImageError('KEY_INVALID', `${label} is not ${expected}.`, {
    side: 'source',
    expected,
    found: show(found.slice(0, 80)),
  })
}
