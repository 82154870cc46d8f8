import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { ContainerImageError, interrupted, printable } from '../../manifests/index.js'
import { startProgram } from '../io/programs/start-program.js'

/** How a program ended. */
export interface Ended {
  /** The number that it ended with, or the signal that ended it. */
  code: number | NodeJS.Signals
  /** What it printed, on either stream, without control characters; if it is long, the middle is left out. */
  lines: string[]
}

export interface RunOptions {
  folder: string
  /** After this many milliseconds it is killed, with everything that it started. */
  timeoutMs: number
  signal?: AbortSignal | undefined
}

/** In bytes, of the beginning and of the end. */
const KEPT_OUTPUT = 16 * 1024
const MOST_LINES = 40
const LONGEST_LINE = 300

/**
 * Runs a program without a shell, and with nothing on its standard input. If it takes too long, or the run is
 * stopped, it is killed with everything that it started.
 * @throws PROGRAM_MISSING, INTERRUPTED; GATE_REFUSED where it takes too long or cannot be started
 */
export async function runScanner(words: readonly string[], options: RunOptions): Promise<Ended> {
  const { folder, timeoutMs, signal } = options
  const [program = '', ...args] = words
  const child = startProgram(program, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that all of it can be ended.
    detached: process.platform !== 'win32',
  })
  const ended = once(child, 'close')
  const end = (): void => endGroup(child)
  const timer = setTimeout(() => {
    isLate = true
    end()
  }, timeoutMs)
  let isLate = false
  signal?.addEventListener('abort', end)
  process.once('exit', end)
  const output = [child.stdout, child.stderr].map((stream) => new Kept(stream))
  try {
    if (signal?.aborted) end()
    const [code, killedBy] = await ended.catch((error) => {
      throw cannotStart(program, error)
    })
    if (signal?.aborted) throw interrupted(signal.reason)
    if (isLate) throw tooLate(program, timeoutMs)
    return { code: code ?? killedBy ?? 'SIGKILL', lines: shortened(output.flatMap((one) => one.lines())) }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
    process.removeListener('exit', end)
    // Anything it left running would carry on in a folder that is removed.
    end()
  }
}

/** Kills a program with everything that it started; does nothing if it has already ended. */
function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  if (process.platform === 'win32') {
    if (child.exitCode !== null || child.signalCode !== null) return
    const taskkill = path.win32.join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'taskkill.exe')
    startProgram(taskkill, ['/T', '/F', '/PID', String(child.pid)], { stdio: 'ignore' }).on('error', () =>
      child.kill(),
    )
    return
  }
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // There is nobody left in the group.
  }
}

/** The beginning and the end of what a program prints: it may print without end. */
class Kept {
  private first = Buffer.alloc(0)
  private last = Buffer.alloc(0)
  private skipped = 0

  constructor(stream: NodeJS.ReadableStream | null) {
    stream?.on('data', (chunk: Buffer) => {
      const room = KEPT_OUTPUT - this.first.length
      this.first = Buffer.concat([this.first, chunk.subarray(0, room)])
      const rest = Buffer.concat([this.last, chunk.subarray(room)])
      this.last = rest.subarray(-KEPT_OUTPUT)
      this.skipped += rest.length - this.last.length
    })
  }

  lines(): string[] {
    const gap = this.skipped > 0 ? `\n... ${this.skipped} bytes left out ...\n` : ''
    const text = `${this.first.toString('utf8')}${gap}${this.last.toString('utf8')}`
    return text
      .split(/\r?\n/)
      .map((line) => printable(line.trimEnd()).slice(0, LONGEST_LINE))
      .filter((line) => line !== '')
  }
}

function shortened(lines: string[]): string[] {
  if (lines.length <= MOST_LINES) return lines
  const half = MOST_LINES / 2
  return [
    ...lines.slice(0, half),
    `... ${lines.length - MOST_LINES} lines left out ...`,
    ...lines.slice(-half),
  ]
}

function cannotStart(program: string, error: Error): ContainerImageError {
  return new ContainerImageError('GATE_REFUSED', `${printable(program)} cannot be started.`, {
    expected: 'a program that looks at what is taken',
    found: (error as NodeJS.ErrnoException).code ?? error.message,
    cause: error,
  })
}

function tooLate(program: string, timeoutMs: number): ContainerImageError {
  return new ContainerImageError('GATE_REFUSED', `${printable(program)} did not end, and was killed.`, {
    expected: `an answer within ${timeoutMs / 60_000} minutes`,
    found: 'none',
  })
}
