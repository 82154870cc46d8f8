import { interrupted, printable } from '../manifests/index.js'
import type { Arguments } from './arguments.js'
import { confirmed } from './confirm.js'
import { askForVolume } from './next-volume.js'
import { coloursFor } from './output/colours.js'
import { asOurs, errorDocument, errorLines } from './output/errors.js'
import { jsonText } from './output/json.js'
import { parse } from './parse.js'
import { withPassword } from './password.js'
import type { Display } from './progress/display.js'
import { displayFor } from './progress/display-for.js'
import type { Run } from './run.js'
import type { Out, Streams } from './streams.js'

export interface CommandLineOptions extends Streams {
  signal: AbortSignal
  /** Takes SIGHUP for a command that knows what to do with it. */
  onHangUp?(handler: () => void): void
  /** The command, where the program's own name says it. */
  verb?: string
  now?: Date
}

/**
 * Runs one command line from its words to its exit code. Data goes to stdout; progress, notes and errors go
 * to stderr. It never throws.
 */
export async function runCommandLine(words: string[], options: CommandLineOptions): Promise<number> {
  const { stdout, stderr, env, signal } = options
  const colours = coloursFor(stderr, env)
  if (words[0] === '__complete') return await answerCompletion(words.slice(1), stdout)
  let display: Display | undefined
  let isAsked = (name: string): boolean => isGiven(words, name)
  try {
    const parsed = await parse(words, parseOptions(options))
    if ('text' in parsed) {
      stdout.write(parsed.text)
      return 0
    }
    const { command } = parsed
    isAsked = (name) => parsed.arguments.flag(name)
    const args = await withPassword(parsed.arguments, options, signal)
    display = displayFor(options, colours, settingsOf(args))
    return (await command.run?.(args, runFor(args, options, display))) ?? 0
  } catch (error) {
    display?.close()
    const ours = asOurs(signal.aborted ? interrupted(signal.reason) : error)
    const lines = isAsked('json')
      ? [jsonText(errorDocument(ours), 0)]
      : errorLines(ours, colours, isAsked('verbose'))
    stderr.write(`${lines.join('\n')}\n`)
    return ours.exitCode
  } finally {
    display?.close()
  }
}

/** A shell that completes has no use for an error. */
async function answerCompletion(request: string[], stdout: Out): Promise<number> {
  const { completionAnswer } = await import('./completion/answer.js')
  stdout.write(`${(await completionAnswer(request).catch(() => [':none'])).join('\n')}\n`)
  return 0
}

function parseOptions({ verb, stdout }: CommandLineOptions): { verb?: string; columns?: number } {
  return {
    ...(verb === undefined ? {} : { verb }),
    ...(stdout.isTTY && stdout.columns ? { columns: stdout.columns } : {}),
  }
}

/** Whether a switch stands in a command line, even in one that cannot be understood. */
function isGiven(words: string[], name: string): boolean {
  return words.some((word) => new RegExp(`^--?${name}(=true|:\\$?true)?$`, 'i').test(word))
}

function settingsOf(args: Arguments): { quiet: boolean; progress: boolean | 'json' } {
  const quiet = args.flag('quiet')
  const asked = args.text('progress')
  if (asked === 'json') return { quiet, progress: 'json' }
  return {
    quiet,
    progress: !quiet && asked !== 'none' && !args.flag('no-progress') && !args.flag('json'),
  }
}

function runFor(args: Arguments, options: CommandLineOptions, display: Display): Run {
  const { stdout, stderr, env, signal, now = new Date() } = options
  const quiet = args.flag('quiet')
  const print = (document: unknown, lines: () => string[]): void => {
    display.close()
    const text = args.flag('json') ? [jsonText(document)] : lines()
    stdout.write(text.map((line) => `${line}\n`).join(''))
  }
  return {
    signal,
    onProgress: (event) => display.show(event),
    now,
    quiet,
    verbose: args.flag('verbose'),
    columns: stdout.isTTY ? stdout.columns : undefined,
    print,
    report: (document, lines) => {
      if (args.flag('json') || !quiet) print(document, lines)
    },
    note: (message) => display.show({ type: 'note', message: printable(message) }),
    log: (line) => stderr.write(`${line}\n`),
    onHangUp: (handler) => options.onHangUp?.(handler),
    nextVolume: async (names, folder) => {
      if (args.flag('json') || quiet) return undefined
      return await askForVolume(names, folder, { ...options, stderr, env }, signal)
    },
    agreed: async (operation, target) =>
      !args.flag('confirm') ||
      args.flag('what-if') ||
      (await confirmed(operation, target, { ...options, stderr, env }, signal)),
  }
}
