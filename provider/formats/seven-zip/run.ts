import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { interrupted, throwIfAborted } from '../../../manifests/index.js'
import { MEMBER_LIMIT } from '../../archives/members/tar-index.js'
import { fromSystem } from '../../io/files/system-errors.js'
import { startProgram } from '../../io/programs/start-program.js'
import { endingWithinLines } from './output.js'
import { sevenZipProgram } from './program.js'

/** What node-7z makes before the program runs. Its own start is not used: see `runSevenZip`. */
interface Prepared extends Readable {
  _bin: string
  _args: string[]
  _childProcess: Pick<ChildProcess, 'on' | 'stderr'> & { stdout: Pick<Readable, 'on'> | null }
}

/** One line of the program's list, as node-7z reads it. */
export interface ListedLine {
  file: string
  techInfo?: Map<string, string>
}

type Options = Record<string, unknown>

/** The part of node-7z that is used here; its types are those of an older version. */
interface NodeSevenZip {
  add(archive: string, source: string | string[], options: Options): Prepared
  extractFull(archive: string, folder: string, options: Options): Prepared
  list(archive: string, options: Options): Prepared
  test(archive: string, options: Options): Prepared
  listen(prepared: Prepared): Prepared
}

export interface RunOptions {
  cwd?: string
  signal?: AbortSignal
  /** Gets the percentage now and then. */
  onPercent?(percent: number): void
}

export interface RunResult {
  /** 0 if the program says that all is well; undefined if a signal ended it. */
  exit: number | undefined
  /** One more than an archive may have if it has too many: then the program was stopped. */
  lines: ListedLine[]
  /** The first path with a backslash in it that 7-Zip listed: node-7z turns it into a slash. */
  backslashed?: string
  /** What it wrote about errors. */
  errors: string
}

/** Text in UTF-8, and names taken literally. */
const SWITCHES = ['-spd', '-scsUTF-8', '-sccUTF-8']

/** For reading: 7-Zip never asks for a password, because it gets a wrong one instead of none. */
export const NO_PASSWORD = '-pnone'

/**
 * Runs 7-Zip through node-7z, which composes the command line and reads the output. The program is started here:
 * node-7z drops its exit code and lets it live on when this process is stopped.
 * @throws PROGRAM_MISSING, INTERRUPTED
 */
export async function runSevenZip(
  prepare: (seven: NodeSevenZip, options: (more: Options) => Options) => Prepared,
  { cwd, signal, onPercent }: RunOptions = {},
): Promise<RunResult> {
  throwIfAborted(signal)
  const program = await sevenZipProgram()
  const seven = (await import('node-7z')).default as unknown as NodeSevenZip
  const options = ({ $raw = [], ...more }: Options): Options => ({
    ...more,
    $bin: program,
    $defer: true,
    $progress: onPercent !== undefined,
    $raw: [...SWITCHES, ...($raw as string[])],
  })
  const prepared = prepare(seven, options)
  const child = startProgram(program, prepared._args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
    cwd,
  })
  prepared._childProcess = {
    on: child.on.bind(child),
    stderr: child.stderr,
    stdout: child.stdout && endingWithinLines(child.stdout),
  } as Prepared['_childProcess']
  const result = collected(seven.listen(prepared), child, onPercent)
  const stop = (): void => void child.kill('SIGKILL')
  signal?.addEventListener('abort', stop, { once: true })
  try {
    const done = await result
    if (signal?.aborted) throw interrupted(signal.reason)
    return done
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

async function collected(
  prepared: Prepared,
  child: ChildProcess,
  onPercent?: (percent: number) => void,
): Promise<RunResult> {
  const lines: ListedLine[] = []
  let errors = ''
  let backslashed: string | undefined
  if (child.stdout) {
    // Everything before the separator line is about the archive itself.
    let isList = false
    createInterface(child.stdout).on('line', (line) => {
      isList ||= /^-{10}$/.test(line)
      if (isList) backslashed ??= /^Path = (.*\\.*)$/.exec(line)?.[1]
    })
  }
  prepared.on('data', (line: ListedLine) => {
    if (lines.push(line) > MEMBER_LIMIT) child.kill('SIGKILL')
  })
  prepared.on('progress', ({ percent }: { percent: number }) => onPercent?.(percent))
  // It emits `error` for every line on stderr, and `end` after a program was killed: neither means anything.
  prepared.on('error', () => {})
  child.stderr?.on('data', (chunk: Buffer) => {
    if (errors.length < MOST_ERRORS) errors += chunk.toString('utf8')
  })
  return await new Promise((resolve, reject) => {
    child.once('error', (error) => reject(fromSystem(error, 'Starting 7-Zip')))
    child.once('close', (code) => resolve({ exit: code ?? undefined, lines, backslashed, errors }))
  })
}

const MOST_ERRORS = 64 * 1024
