import { wantsColours } from './colours.js'
import { jsonText } from './json.js'
import type { Out } from './streams.js'

/**
 * The one way to a stream. Whatever came from outside and was forgotten on its way ends here: nothing that could
 * steer a terminal, reorder what is read or not be seen is written as it is.
 */
export interface Outlet {
  line(text: string): void
  lines(texts: string[], written?: () => void): void
  /** A text of this program's own that has its ends of lines, such as a help. */
  text(text: string): void
  /** A document as JSON, with escapes in place of such characters. */
  document(value: unknown, indent?: number): void
}

/** @param env says whether a line may be coloured; without it none may */
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

/** A line as a terminal may have it. @param mayPaint whether a colour at its beginning may stay */
export function harmless(line: string, mayPaint = false): string {
  const [, colour = '', painted = '', reset = '', rest = line] = (mayPaint && PAINTED.exec(line)) || []
  return `${colour}${plain(painted)}${reset}${plain(rest)}`
}

const ESC = '\u001b'

/** As `colours.ts` paints: the beginning of a line, once. */
const PAINTED = new RegExp(`^(${ESC}\\[[0-9]{1,2}m)([^${ESC}]*)(${ESC}\\[0m)(.*)$`, 's')

/** A tab parts columns of a completion, and does no harm. */
function plain(text: string): string {
  return text.replace(/(?!\t)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?')
}
