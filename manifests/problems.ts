import { ContainerImageError, type ErrorCode } from './errors.js'

/** One thing that is wrong with a document: where it stands, what should be there, what is. */
export interface Problem {
  /** A path inside the document, such as `layers[2].digest`. */
  where: string
  expected: string
  found: string
}

/** Gathers everything that is wrong with one document, so that its author is told once. */
export class Findings {
  readonly problems: Problem[] = []

  constructor(readonly document: string) {}

  add(where: string, expected: string, found: unknown): void {
    this.problems.push({ where, expected, found: show(found) })
  }

  /** Throws one error that lists all problems, where there are any. */
  throwIfAny(code: ErrorCode = 'INVALID_DOCUMENT'): void {
    const first = this.problems[0]
    if (!first) return
    const lines = this.problems.map((p) => `${p.where}: expected ${p.expected}, found ${p.found}`)
    throw new ContainerImageError(code, `The ${this.document} is not valid: ${lines.join('; ')}.`, {
      expected: first.expected,
      found: first.found,
      details: { document: this.document, problems: this.problems },
    })
  }
}

/** A value from outside, made short and harmless for a message: no control or escape characters. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value))
  const harmless = printable(text)
  return harmless.length > 120 ? `${harmless.slice(0, 117)}...` : harmless
}

/** Text from outside without characters that could steer a terminal or reorder what is read (Trojan Source, CVE-2021-42574). */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the purpose
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, '?')
}
