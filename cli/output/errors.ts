import { besidesOf, ContainerImageError, inMessage, present, printable } from '../../manifests/index.js'
import type { Colours } from './colours.js'

/** Any error as one of ours. */
export function asOurs(error: unknown): ContainerImageError {
  if (error instanceof ContainerImageError) return error
  const message = messageOf(error)
  return new ContainerImageError('UNEXPECTED', message || 'Something went wrong.', { cause: error })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** What `--json` prints on stderr. */
export function errorDocument(error: ContainerImageError): unknown {
  const { code, message, remedy } = error
  const details = factsOf(error)
  return {
    error: present({ code, message, remedy, details: Object.keys(details).length > 0 ? details : undefined }),
  }
}

function factsOf(error: ContainerImageError): Record<string, unknown> {
  const { side, expected, found, details } = error
  const failed = besidesOf(error).map(messageOf)
  const facts = { side, expected, found, ...details, besides: failed.length > 0 ? failed : undefined }
  return present(facts)
}

/** An error for a reader: code and message, what was expected and found and where, what to do. */
export function errorLines(error: ContainerImageError, colours: Colours, verbose: boolean): string[] {
  const { code, message, expected, found, side, remedy } = error
  const [first = '', ...more] = message.split('\n').map(printable)
  return [
    `${colours.error(`Error ${code}:`)} ${first}`,
    ...more.map((line) => `  ${line}`),
    ...(expected === undefined ? [] : [`  expected: ${printable(String(expected))}`]),
    ...(found === undefined ? [] : [`  found:    ${printable(String(found))}`]),
    ...(side === undefined ? [] : [`  side:     ${side}`]),
    ...besidesOf(error).map((one) => `  besides:  ${printable(messageOf(one))}`),
    ...(verbose ? causes(error).map((line) => colours.faint(`  ${printable(line)}`)) : []),
    printable(remedy),
  ]
}

/** Where it was thrown and what led to it, for a bug report. */
function causes(error: ContainerImageError): string[] {
  const lines = (error.stack ?? '').split('\n').slice(1)
  let cause = error.cause
  for (let depth = 0; cause instanceof Error && depth < 8; depth++) {
    lines.push(`caused by ${cause.name}: ${cause.message}`)
    if (error.code === 'UNEXPECTED') lines.push(...(cause.stack ?? '').split('\n').slice(1))
    cause = cause.cause
  }
  return lines.map((line) => inMessage(line.trim())).filter((line) => line !== '')
}
