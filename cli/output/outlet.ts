import { wantsColours } from './colours.js'
import { jsonText } from './json.js'
import type { Out } from './streams.js'

/**
 * The only way to a stream. Anything from outside that was not cleaned earlier is cleaned here: no character
 * that could control a terminal, reorder the text or be invisible is written unchanged.
 */
export interface Outlet {
  line(text: string): void
  lines(texts: string[], written?: () => void): void
  /** A text of this program's own that includes its line ends, such as help. */
  text(text: string): void
  /** A document as JSON, with escapes in place of such characters. */
  document(value: unknown, indent?: number): void
}

/** @param env says whether lines may be coloured; without it they may not */
export function outlet(stream: Out, env?: NodeJS.ProcessEnv): Outlet {
  const mayPaint = env !== undefined && wantsColours(stream, env)
  const safe = (text: string) => harmless(text, mayPaint)
  return {
    line: (text) => void stream.write(`${safe(text)}\n`),
    lines: (texts, written) => void stream.write(texts.map((text) => `${safe(text)}\n`).join(''), written),
    text: (text) => void stream.write(text.split('\n').map(plain).join('\n')),
    document: (value, indent) => void stream.write(`${jsonText(value, indent)}\n`),
  }
}

/** A line that is safe for a terminal. @param mayPaint whether a colour at its beginning may stay */
export function harmless(line: string, mayPaint = false): string {
  const [, colour = '', painted = '', reset = '', rest = line] = (mayPaint && PAINTED.exec(line)) || []
  return `${colour}${plain(painted)}${reset}${plain(rest)}`
}

const ESC = '\u001b'

/** As `colours.ts` paints: the beginning of a line, once. */
const PAINTED = new RegExp(`^(${ESC}\\[[0-9]{1,2}m)([^${ESC}]*)(${ESC}\\[0m)(.*)$`, 's')

/** A tab separates the columns of a completion, and does no harm. */
function plain(text: string): string {
  return text.replace(/(?!\t)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?')
}
