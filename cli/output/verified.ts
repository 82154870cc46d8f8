import { printable } from '../../manifests/index.js'
import type { JudgedSigner, VerifyProblem, VerifyReport, VerifyResult } from '../../provider/index.js'
import { counted } from './counted.js'
import { size } from './sizes.js'

/** One line per problem, and what was read. */
export function verifiedLines(result: VerifyReport, quiet: boolean): string[] {
  const { ok, blobs, bytes, problems, leftOut, plain = [], notes = [], repaired = [] } = result
  const signed = (result.signers ?? []).flatMap(({ signers }) => signers.map(signatureLine))
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
    ...(quiet ? [] : [verdict, ...signed, ...delta, ...plain.map(plainLine), ...notes.map(printable)]),
  ]
}

/** Who signed, when, and the verdict; what a signer says is text from outside. */
export function signatureLine({ file, keyId = '', signer, verdict, signed, problem }: JudgedSigner): string {
  const who = signer === undefined ? keyId : `${signer} (${keyId})`
  const when = signed ? ` at ${signed}` : ''
  if (verdict === 'valid') return `Signed by ${printable(who)}${when}.`
  if (verdict === 'unknown') return `Signed by ${printable(who)}, whom nobody here trusts.`
  return `Not signed by ${printable(file)}: ${printable(problem ?? '')}.`
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
