/** One way to authenticate that a server offers. Names of the scheme and the parameters are in lower case. */
export interface Challenge {
  scheme: string
  parameters: ReadonlyMap<string, string>
}

/** RFC 9110 section 5.6.2 */
const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y
/** RFC 9110 section 11.2 */
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*/y
const SPACES = /[ \t]*/y
const SEPARATORS = /[ \t,]*/y
const QUOTED = /"((?:[^"\\]|\\.)*)"/y

/**
 * The challenges of a WWW-Authenticate header (RFC 9110 section 11.6.1), several lines joined by commas.
 * Reading ends at the first place that breaks the grammar. A challenge that gives a parameter twice is left
 * out: readers differ on which of the two counts.
 */
export function parseChallenges(value: string): Challenge[] {
  const reader = new Reader(value)
  const challenges: Challenge[] = []
  for (;;) {
    reader.match(SEPARATORS)
    const scheme = reader.match(TOKEN)
    if (scheme === undefined) return challenges
    const parameters = readParameters(reader)
    if (parameters) challenges.push({ scheme: scheme.toLowerCase(), parameters })
  }
}

/** Undefined where a parameter is given twice. */
function readParameters(reader: Reader): Map<string, string> | undefined {
  const parameters = new Map<string, string>()
  let twice = false
  if (reader.match(SPACES) === '') return parameters
  for (;;) {
    const parameter = readParameter(reader)
    if (!parameter) break
    twice ||= parameters.has(parameter.name)
    parameters.set(parameter.name, parameter.value)
    const before = reader.position
    reader.match(SEPARATORS)
    if (!reader.isParameter()) {
      reader.position = before
      break
    }
  }
  if (parameters.size === 0) reader.match(TOKEN68)
  return twice ? undefined : parameters
}

function readParameter(reader: Reader): { name: string; value: string } | undefined {
  if (!reader.isParameter()) return undefined
  const name = reader.match(TOKEN) ?? ''
  reader.match(SPACES)
  reader.position++
  reader.match(SPACES)
  const quoted = reader.match(QUOTED, 1)
  const value = quoted === undefined ? reader.match(TOKEN) : quoted.replace(/\\(.)/g, '$1')
  return value === undefined ? undefined : { name: name.toLowerCase(), value }
}

class Reader {
  position = 0
  constructor(readonly text: string) {}

  match(pattern: RegExp, group = 0): string | undefined {
    pattern.lastIndex = this.position
    const found = pattern.exec(this.text)
    if (!found) return undefined
    this.position = pattern.lastIndex
    return found[group]
  }

  /** Whether `name=` with a value comes next, and not a scheme or the padding of a token68. */
  isParameter(): boolean {
    const parameter = /[!#$%&'*+.^_`|~0-9A-Za-z-]+[ \t]*=[ \t]*["!#$%&'*+.^_`|~0-9A-Za-z-]/y
    parameter.lastIndex = this.position
    return parameter.test(this.text)
  }
}
