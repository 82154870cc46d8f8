import { printable } from '../../manifests/index.js'
import type { VerifyProblem, VerifyResult } from '../../provider/index.js'
import { counted } from './counted.js'
import { size } from './sizes.js'

/** One line per problem, and what was read. */
export function verifiedLines(result: VerifyResult, quiet: boolean): string[] {
  const { ok, blobs, bytes, problems, leftOut, plain = [], notes = [], repaired = [] } = result
  const read = `${counted(blobs, 'blob')}, ${size(bytes)}`
  const verdict = ok
    ? `Verified ${read}: all is well.`
    : `Verified ${read}: ${counted(problems.length, 'problem')}.`
  const mended = repaired.map((file) => `Repaired ${printable(file)}`)
  const delta = leftOut
    ? [`A delta: ${counted(leftOut.blobs, 'blob')}, ${size(leftOut.bytes)}, left out and not read.`]
    : []
  return [
    ...(quiet ? [] : mended),
    ...problems.map(problemLine),
    ...(quiet ? [] : [verdict, ...delta, ...plain.map(plainLine), ...notes.map(printable)]),
  ]
}

function plainLine({ digest, original }: NonNullable<VerifyResult['plain']>[number]): string {
  return `${digest} stands for ${original}, whose compressed layers could not be restored: signatures are for that one.`
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
