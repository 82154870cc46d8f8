import { type Colours, wantsColours } from '../output/colours.js'
import { outlet } from '../output/outlet.js'
import type { Streams } from '../output/streams.js'
import type { Display } from './display.js'
import { JsonLinesDisplay } from './json-lines.js'
import { PlainDisplay } from './plain.js'
import { TerminalDisplay } from './terminal.js'

/**
 * The display that fits: a moving one on a terminal, lines elsewhere, only notes if progress is not wanted.
 */
export function displayFor(
  { stderr, env }: Pick<Streams, 'stderr' | 'env'>,
  colours: Colours,
  { quiet, progress }: { quiet: boolean; progress: boolean | 'json' },
): Display {
  const messages = outlet(stderr, env)
  if (progress === 'json') return new JsonLinesDisplay((line) => messages.line(line))
  const write = (line: string): void => {
    if (!quiet) messages.line(line)
  }
  if (!progress) return notesOnly((message) => write(colours.warning(message)))
  if (stderr.isTTY && env.TERM !== 'dumb')
    return new TerminalDisplay(stderr, messages, colours, wantsColours(stderr, env), isAscii(env))
  return new PlainDisplay(write)
}

/** By the locale, like other programs; Windows has none in its environment. */
function isAscii({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG || ''
  return process.platform !== 'win32' && !/utf-?8/i.test(locale)
}

function notesOnly(write: (message: string) => void): Display {
  return {
    show(event) {
      if (event.type === 'note') write(event.message)
    },
    close() {},
  }
}
