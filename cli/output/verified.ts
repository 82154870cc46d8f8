import { printable } from '../../manifests/index.js'
import type { VerifyProblem, VerifyResult } from '../../provider/index.js'
import { size } from './sizes.js'

/** A line a problem, and what was read. */
export function verifiedLines({ ok, blobs, bytes, problems }: VerifyResult, quiet: boolean): string[] {
  const read = `${blobs} ${blobs === 1 ? 'blob' : 'blobs'}, ${size(bytes)}`
  const verdict = ok
    ? `Verified ${read}: all is well.`
    : `Verified ${read}: ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}.`
  return [...problems.map(problemLine), ...(quiet ? [] : [verdict])]
}

function problemLine({ code, path, digest, expected, found, message }: VerifyProblem): string {
  const where = [path, digest].filter((part) => part !== undefined).map(printable)
  const sides = [
    ...(expected === undefined ? [] : [`expected ${expected}`]),
    ...(found === undefined ? [] : [`found ${found}`]),
  ]
  const comparison = sides.length > 0 ? ` (${printable(sides.join(', '))})` : ''
  return `${code} ${where.join(' ')}${where.length > 0 ? ': ' : ''}${printable(message)}${comparison}`
}
