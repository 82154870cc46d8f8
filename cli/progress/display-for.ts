import { type Colours, wantsColours } from '../output/colours.js'
import type { Streams } from '../streams.js'
import type { Display } from './display.js'
import { JsonLinesDisplay } from './json-lines.js'
import { PlainDisplay } from './plain.js'
import { TerminalDisplay } from './terminal.js'

/** The display that fits: a moving one on a terminal, lines elsewhere, notes only where progress is not wanted. */
export function displayFor(
  { stderr, env }: Pick<Streams, 'stderr' | 'env'>,
  colours: Colours,
  { quiet, progress }: { quiet: boolean; progress: boolean | 'json' },
): Display {
  if (progress === 'json') return new JsonLinesDisplay((line) => stderr.write(`${line}\n`))
  const write = (line: string): void => {
    if (!quiet) stderr.write(`${line}\n`)
  }
  if (!progress) return notesOnly((message) => write(colours.warning(message)))
  if (stderr.isTTY && env.TERM !== 'dumb')
    return new TerminalDisplay(stderr, colours, wantsColours(stderr, env))
  return new PlainDisplay(write)
}

function notesOnly(write: (message: string) => void): Display {
  return {
    show(event) {
      if (event.type === 'note') write(event.message)
    },
    close() {},
  }
}
