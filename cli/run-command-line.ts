import {
  type ContainerImageError,
  inMessage,
  interrupted,
  printable,
  speak,
  type Wording,
} from '../manifests/index.js'
import type { ProgressEvent } from '../provider/index.js'
import type { Arguments } from './command/arguments.js'
import type { Run } from './command/run.js'
import { type Silenced, silencedBy } from './options/common-parameters.js'
import { EVERYWHERE } from './options/everywhere.js'
import { coloursFor } from './output/colours.js'
import { asOurs, errorDocument, errorLines } from './output/errors.js'
import { type Outlet, outlet } from './output/outlet.js'
import { bytesTo } from './output/stdout-bytes.js'
import { type Streams, watchLoss } from './output/streams.js'
import { unwritten } from './output/unwritten.js'
import { parse } from './parsing/parse.js'
import type { Display } from './progress/display.js'
import { displayFor } from './progress/display-for.js'
import { isCalledFromPowerShell } from './terminal/caller.js'
import { confirmed } from './terminal/confirm.js'
import { askForVolume } from './terminal/next-volume.js'
import { askPassphrase } from './terminal/passphrase.js'
import { withPassword } from './terminal/password.js'
import { POWERSHELL } from './words/powershell-wording.js'
import { COMMAND_LINE, wordingFor } from './words/wording.js'

export interface CommandLineOptions extends Streams {
  signal: AbortSignal
  /** Rejects if the work goes on for too long after the signal; it is no longer waited for then. */
  overdue?: Promise<never>
  /** Passes SIGHUP to a command that handles it. */
  onHangUp?(handler: () => void): void
  /** Gives a command more milliseconds to finish. */
  onLongEnd?(milliseconds: number): void
  /** The command, where the program's own name says it. */
  verb?: string
  now?: Date
}

/**
 * Runs one command line from its words to its exit code. Data goes to stdout; progress, notes and errors go
 * to stderr. It never throws.
 */
export async function runCommandLine(words: string[], options: CommandLineOptions): Promise<number> {
  const spoken = isCalledFromPowerShell(options.env) ? POWERSHELL : COMMAND_LINE
  const unspoken = speak(spoken)
  try {
    return await runWords(words, options, spoken)
  } finally {
    unspoken()
  }
}

async function runWords(words: string[], options: CommandLineOptions, spoken: Wording): Promise<number> {
  const { stderr, env, signal } = options
  const colours = coloursFor(stderr, env)
  const data = outlet(options.stdout)
  const messages = outlet(stderr, env)
  const loss = watchLoss(options.stdout)
  const done: Lines[] = []
  if (words[0] === '__complete') return await answerCompletion(words.slice(1), data)
  let display: Display | undefined
  let unspoken = () => {}
  let isAsked = (name: string): boolean => isGiven(words, name)
  let silenced: Silenced = { errors: false, notes: false, progress: false }
  const tell = (error: ContainerImageError): number => {
    if (silenced.errors) return error.exitCode
    if (isAsked('json')) messages.document(errorDocument(error), 0)
    else messages.lines(errorLines(error, colours, isAsked('verbose')))
    return error.exitCode
  }
  /** How it ends if nothing was thrown: output that nobody could read is not a success. */
  const ended = async (code: number): Promise<number> => {
    const lost = await loss()
    display?.close()
    if (lost === undefined) return code
    const lostCode = tell(
      unwritten(
        lost,
        done.flatMap((lines) => lines()),
      ),
    )
    return code === 0 ? lostCode : code
  }
  try {
    const parsed = await parse(words, { verb: options.verb })
    if ('text' in parsed) {
      data.text(parsed.text)
      return await ended(0)
    }
    const { command } = parsed
    unspoken = speak(wordingFor(spoken, Object.keys({ ...EVERYWHERE, ...command.options })))
    isAsked = (name) => isSet(parsed.arguments, name)
    silenced = silencedBy(parsed.arguments)
    const args = await withPassword(parsed.arguments, options, signal)
    display = displayFor(options, colours, settingsOf(args))
    const work = command.run?.(args, runFor(args, options, { data, messages, display, done }))
    return await ended((await Promise.race([work, ...(options.overdue ? [options.overdue] : [])])) ?? 0)
  } catch (error) {
    display?.close()
    return tell(asOurs(signal.aborted ? interrupted(signal.reason) : error))
  } finally {
    unspoken()
    display?.close()
  }
}

/** A shell that asks for completions has no use for an error. */
async function answerCompletion(request: string[], data: Outlet): Promise<number> {
  const { completionAnswer } = await import('./completion/answer.js')
  data.lines(await completionAnswer(request).catch(() => [':none']))
  return 0
}

/** Whether a command line contains a switch, even if it cannot be understood. */
function isGiven(words: string[], name: string): boolean {
  return words.some((word) => new RegExp(`^--?${name}(=true|:\\$?true)?$`, 'i').test(word))
}

/** Whether a switch is set; -Debug is as much as --verbose. */
function isSet(args: Arguments, name: string): boolean {
  return args.flag(name) || (name === 'verbose' && args.flag('debug'))
}

function settingsOf(args: Arguments): { quiet: boolean; progress: boolean | 'json' } {
  const quiet = args.flag('quiet')
  const asked = args.text('progress')
  if (asked === 'json') return { quiet, progress: 'json' }
  return {
    quiet,
    progress:
      !quiet &&
      asked !== 'none' &&
      !args.flag('no-progress') &&
      !args.flag('json') &&
      !silencedBy(args).progress,
  }
}

/** What a reader sees, made only when needed. */
type Lines = () => string[]

/** Where a run writes to. */
interface Outlets {
  data: Outlet
  messages: Outlet
  display: Display
  /** Gets the lines that report what was done. */
  done: Lines[]
}

function runFor(
  args: Arguments,
  options: CommandLineOptions,
  { data, messages, display, done }: Outlets,
): Run {
  const { stdout, stderr, env, signal, now = new Date() } = options
  const quiet = args.flag('quiet')
  let printed = data
  const print = (document: unknown, lines: () => string[]): void => {
    display.close()
    if (args.flag('json')) printed.document(document)
    else printed.lines(lines())
  }
  const { notes: hidesNotes } = silencedBy(args)
  const show = (event: ProgressEvent): void => {
    if (event.type !== 'note' || !hidesNotes) display.show(inWords(event))
  }
  return {
    signal,
    onProgress: show,
    now,
    quiet,
    verbose: isSet(args, 'verbose'),
    columns: stdout.isTTY ? stdout.columns : undefined,
    stdin: options.stdin.isTTY ? undefined : options.stdin,
    takeStdout: () => {
      printed = messages
      return bytesTo(stdout)
    },
    print,
    report: (document, lines) => {
      done.push(lines)
      if (args.flag('json') || !quiet) print(document, lines)
    },
    note: (message) => show({ type: 'note', message }),
    log: (line) => messages.line(line),
    onHangUp: (handler) => options.onHangUp?.(handler),
    onLongEnd: (milliseconds) => options.onLongEnd?.(milliseconds),
    nextVolume: async (names, folder) => {
      if (args.flag('json') || quiet) return undefined
      return await askForVolume(names, folder, { ...options, stderr, env }, signal)
    },
    passphrase: (file, isNew) => askPassphrase(file, isNew, { ...options, stderr }, signal),
    agreed: async (operation, target) => {
      if (!args.flag('confirm') || args.flag('what-if')) return true
      const isAgreed = await confirmed(operation, target, { ...options, stderr, env }, signal)
      if (!isAgreed) show({ type: 'note', message: 'Nothing was changed.' })
      return isAgreed
    },
  }
}

/** A note may contain text from outside. */
function inWords(event: ProgressEvent): ProgressEvent {
  return event.type === 'note' ? { ...event, message: printable(inMessage(event.message)) } : event
}
