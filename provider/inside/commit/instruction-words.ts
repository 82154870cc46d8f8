import { ContainerImageError, show } from '../../../manifests/index.js'

/** Values by name, for `$NAME` in an instruction. */
export type Variables = ReadonlyMap<string, string>

/**
 * The words of an instruction, as a Dockerfile has them (its reference, "Environment replacement"): quotes are taken off,
 * a backslash takes the next character as it is, and `$NAME`, `${NAME}`, `${NAME:-word}` and `${NAME:+word}` stand for
 * values, except in single quotes.
 * @throws USAGE for quotes that are not closed
 */
export function instructionWords(text: string, variables: Variables = new Map()): string[] {
  return wordsAsWritten(text).map((word) => instructionText(word, variables))
}

/**
 * The words of an instruction with their quotes and backslashes: blanks in quotes, and behind a backslash, divide nothing
 * (BuildKit, frontend/dockerfile/parser, `parseWords`).
 */
export function wordsAsWritten(text: string): string[] {
  return text.match(WORD) ?? []
}

/** Plain text, what a backslash takes with it, and quotes, of which the last may be left open: whoever reads it tells. */
const WORD = /(?:'[^']*(?:'|$)|"(?:\\[\s\S]|[^"\\])*(?:"|\\?$)|\\[\s\S]?|[^\s'"\\])+/g

/** The same as one text: blanks in it stay. */
export function instructionText(text: string, variables: Variables = new Map()): string {
  return new Scanner(text, variables).all()
}

class Scanner {
  private at = 0
  private word = ''

  constructor(
    private readonly text: string,
    private readonly variables: Variables,
  ) {}

  all(): string {
    while (this.at < this.text.length) this.step()
    return this.word
  }

  private peek(): string {
    return this.text[this.at] ?? ''
  }

  private step(): void {
    const character = this.peek()
    if (character === "'") this.single()
    else if (character === '"') this.double()
    else this.plain()
  }

  private single(): void {
    const end = this.text.indexOf("'", this.at + 1)
    if (end < 0) throw unclosed(this.text)
    this.word += this.text.slice(this.at + 1, end)
    this.at = end + 1
  }

  private double(): void {
    this.at++
    while (this.peek() !== '"') {
      if (this.at >= this.text.length) throw unclosed(this.text)
      const isEscape = this.peek() === '\\' && !/["$\\]/.test(this.text[this.at + 1] ?? '')
      if (isEscape) this.word += this.text[this.at++]
      else this.plain()
    }
    this.at++
  }

  private plain(): void {
    const character = this.peek()
    if (character === '\\') {
      // The last of all takes nothing with it, and goes.
      this.word += this.text[this.at + 1] ?? ''
      this.at += 2
    } else if (character === '$') this.variable()
    else {
      this.word += character
      this.at++
    }
  }

  private variable(): void {
    const rest = this.text.slice(this.at)
    const [whole, name = '', , braced, , sign, word = ''] =
      /^\$(?:(\w+)|(\{(\w+)(:([-+])((?:[^}\\]|\\.)*))?\}))/.exec(rest) ?? []
    if (whole === undefined) {
      if (rest.startsWith('${')) throw unclosed(this.text)
      this.word += '$'
      this.at++
      return
    }
    this.at += whole.length
    const value = this.variables.get(braced ?? name) ?? ''
    const other = (): string => instructionText(word, this.variables)
    if (sign === '-' && value === '') this.word += other()
    else if (sign === '+') this.word += value === '' ? '' : other()
    else this.word += value
  }
}

function unclosed(text: string): ContainerImageError {
  return new ContainerImageError('USAGE', `${show(text)} has quotes or braces that are not closed.`, {
    expected: 'text as in a Dockerfile',
    found: show(text),
    remedy: 'Close them.',
  })
}
