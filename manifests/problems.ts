import { ContainerImageError, type ErrorCode } from './errors.js'
import { withoutSecrets } from './messages.js'

/** One thing that is wrong with a document: where it is, what was expected, what was found. */
export interface Problem {
  /** A path inside the document, such as `layers[2].digest`. */
  where: string
  expected: string
  found: string
}

/** A hostile document can have a problem in every byte; the rest are only counted. */
const MOST_LISTED = 100

/** Gathers everything that is wrong with one document, so that its author gets one report. */
export class Findings {
  /** The first hundred. */
  readonly problems: Problem[] = []
  private found = 0

  constructor(readonly document: string) {}

  /** How many problems there are, including those that are not listed. */
  get count(): number {
    return this.found
  }

  /** @param found the value itself, which is shown as JSON */
  add(where: string, expected: string, found: unknown): void {
    this.list(where, expected, () => show(found))
  }

  /** @param found words that say what was found */
  note(where: string, expected: string, found: string): void {
    this.list(where, expected, () => shorten(found))
  }

  private list(where: string, expected: string, found: () => string): void {
    this.found++
    if (this.found <= MOST_LISTED) this.problems.push({ where: shorten(where), expected, found: found() })
  }

  /** Throws one error that lists all problems, if there are any. */
  throwIfAny(code: ErrorCode = 'INVALID_DOCUMENT'): void {
    const first = this.problems[0]
    if (!first) return
    const lines = this.problems.map((p) => `${p.where}: expected ${p.expected}, found ${p.found}`)
    const more = this.found - this.problems.length
    if (more > 0) lines.push(`and ${more} more`)
    throw new ContainerImageError(code, `The ${this.document} is not valid: ${lines.join('; ')}.`, {
      expected: first.expected,
      found: first.found,
      details: { document: this.document, problems: this.problems, ...(more > 0 ? { more } : {}) },
    })
  }
}

/** A path with a drive, of a share, or relative to here. */
const WINDOWS_PATH = /^(?:[A-Za-z]:\\|\\\\|\.{1,2}\\)/

const LONGEST_SHOWN = 120
const MOST_LOOKED_AT = 4096

/** A value from outside as JSON, made short and harmless for a message. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  // Cut before it is quoted as well: the text may have megabytes.
  const text = asJson(typeof value === 'string' ? value.slice(0, MOST_LOOKED_AT) : value)
  return shorten(text.slice(0, 2 * MOST_LOOKED_AT))
}

function asJson(value: unknown): string {
  try {
    const text = JSON.stringify(value) ?? String(value)
    // A reader looks for the path as it was typed.
    return typeof value === 'string' && WINDOWS_PATH.test(value) ? text.replaceAll('\\\\', '\\') : text
  } catch {
    // Nested too deep for the stack, a ring, or a bigint.
    return typeof value === 'object' ? 'a value that cannot be shown' : String(value)
  }
}

/** Secrets are masked first: in a location that was cut, a password can no longer be recognised. */
function shorten(text: string): string {
  const shown = withoutSecrets(text)
  return printable(shown.length > LONGEST_SHOWN ? `${shown.slice(0, LONGEST_SHOWN - 3)}...` : shown)
}

/**
 * Text from outside without characters that could control a terminal, reorder the text (Trojan Source,
 * CVE-2021-42574) or are invisible: controls, format characters, line separators and halves of pairs.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?')
}
