import { LIMITS } from './limits.js'
import type { Findings } from './problems.js'

/** An object or a list whose end has not been read yet. */
interface Level {
  /** The names seen so far; undefined in a list. */
  names: Set<string> | undefined
  /** Of the member that is being read. */
  name: string
  /** Of the item that is being read. */
  index: number
  /** The next text is a member's name, not a value. */
  nameNext: boolean
}

/**
 * Finds in JSON text what JSON.parse accepts: a member that appears twice in one object, which parsers read
 * differently (RFC 8259, section 4; Go merges the two), and nesting beyond the limit, which costs JSON.parse
 * seconds and a gigabyte if a document of allowed size is all brackets. Text that is not JSON passes:
 * JSON.parse has the better error for it.
 */
export function checkStructure(text: string, findings: Findings): void {
  const open: Level[] = []
  let level: Level | undefined
  for (let i = 0; i < text.length; i++) {
    switch (text[i]) {
      case '"': {
        const end = endOfText(text, i)
        if (level?.names && level.nameNext) {
          level.name = nameIn(text.slice(i, end + 1))
          if (level.names.has(level.name)) findings.add(pathOf(open), 'one member of this name', level.name)
          level.names.add(level.name)
          level.nameNext = false
        }
        i = end
        break
      }
      case '{':
      case '[':
        if (open.length === LIMITS.nesting) {
          findings.note('(whole)', `at most ${LIMITS.nesting} levels of nesting`, 'more')
          return
        }
        level = { names: text[i] === '{' ? new Set() : undefined, name: '', index: 0, nameNext: true }
        open.push(level)
        break
      case '}':
      case ']':
        open.pop()
        level = open.at(-1)
        break
      case ',':
        if (level) {
          level.index++
          level.nameNext = true
        }
    }
  }
}

/**
 * The value in JSON text of any size: what is nested beyond the limit costs JSON.parse fifty bytes and more for each
 * bracket, before it finds out that the text is not JSON.
 * @throws SyntaxError
 */
export function shallowJson(text: string): unknown {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) i = endOfText(text, i)
    else if (code === OPEN_OBJECT || code === OPEN_LIST) depth++
    else if (code === CLOSE_OBJECT || code === CLOSE_LIST) depth--
    if (depth > LIMITS.nesting) throw new SyntaxError(`more than ${LIMITS.nesting} levels of nesting`)
  }
  return JSON.parse(text)
}

const [QUOTE, OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x22, 0x7b, 0x7d, 0x5b, 0x5d]

/** The position of the closing quote; the end of the text if there is none. */
function endOfText(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end < 0 ? text.length : end
}

function isEscaped(text: string, place: number): boolean {
  let backslashes = 0
  while (text[place - 1 - backslashes] === '\\') backslashes++
  return backslashes % 2 === 1
}

/** `"a"` and `"\u0061"` are the same name. */
function nameIn(quoted: string): string {
  try {
    return JSON.parse(quoted) as string
  } catch {
    return quoted
  }
}

function pathOf(open: Level[]): string {
  const parts = open.map((level) => (level.names ? `.${level.name}` : `[${level.index}]`))
  return parts.join('').replace(/^\./, '') || '(whole)'
}
