import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { ContainerImageError, interrupted, throwIfAborted } from '../../../manifests/index.js'
import type { Bytes } from '../../io/bytes.js'
import { startProgram } from '../../io/programs/start-program.js'

/** An engine's own client, a program that is started for each request to the engine. */
export interface EngineProgram {
  /** For messages: `containerd at /run/containerd/containerd.sock`. */
  readonly label: string
  readonly file: string
  /** What goes before every command: an address, a namespace. */
  readonly before: string[]
  readonly environment: NodeJS.ProcessEnv
  /** What the program's complaint means, as an error of ours that begins with the label. */
  refusal(label: string, complaint: string): ContainerImageError
}

export interface AskOptions {
  signal?: AbortSignal
  /** In milliseconds; for requests that a running engine answers at once. */
  patience?: number
}

/** An answer that is larger is not a list of images. */
const MOST_ANSWER = 64 * 1024 * 1024
const MOST_COMPLAINT = 64 * 1024

/** Runs a command to its end; returns what it printed. @throws what `refusal` makes of it, INTERRUPTED */
export async function ask(program: EngineProgram, args: string[], options: AskOptions = {}): Promise<string> {
  const parts: Buffer[] = []
  let length = 0
  for await (const chunk of output(program, args, options)) {
    length += chunk.length
    if (length > MOST_ANSWER)
      throw new ContainerImageError('ENGINE_REFUSED', `${program.label} answers without an end.`, {
        expected: `at most ${MOST_ANSWER} bytes`,
        found: 'more',
      })
    parts.push(Buffer.from(chunk))
  }
  return Buffer.concat(parts, length).toString('utf8')
}

/** What a command prints, while it runs. @throws as `ask`, after what came before */
export async function* output(program: EngineProgram, args: string[], options: AskOptions = {}): Bytes {
  const run = new Run(program, args, 'ignore', options)
  try {
    yield* run.stdout as AsyncIterable<Buffer>
    await run.ended()
  } finally {
    run.stop()
  }
}

/** A command that is fed through its standard input. */
export class Feed {
  private readonly run: Run
  private readonly stdin: Writable
  private said = ''

  constructor(program: EngineProgram, args: string[], options: AskOptions = {}) {
    this.run = new Run(program, args, 'pipe', options)
    this.stdin = this.run.child.stdin as Writable
    // A broken pipe does not say why; the program's own complaint does.
    this.stdin.on('error', () => {})
    this.run.stdout.on('data', (chunk: Buffer) => {
      if (this.said.length < MOST_COMPLAINT) this.said += chunk.toString('utf8')
    })
  }

  /** Returns when the program has taken the bytes; their memory may then be reused. @throws as `ask` */
  async write(bytes: Uint8Array): Promise<void> {
    const taken = await new Promise<boolean>((resolve) => {
      this.stdin.write(bytes, (error) => resolve(!error))
    })
    if (!taken) await this.brokenOff()
  }

  /** Tells the program that this was all; returns what it printed. @throws as `ask` */
  async end(): Promise<string> {
    // From here on there is no stream left to break off.
    this.run.endWithSignal()
    this.stdin.end()
    await this.run.ended()
    return this.said
  }

  /** Breaks off in the middle: the program sees a truncated stream, and undoes what it had begun. */
  async abort(): Promise<void> {
    this.stdin.end()
    await this.run.over(GRACE)
  }

  private async brokenOff(): Promise<never> {
    await this.run.ended()
    throw this.run.refusal('It ended before it had taken all.')
  }
}

/** In milliseconds: how long a program may take to tidy up. */
const GRACE = 5000

/** One run of the program. */
class Run {
  readonly child: ChildProcess
  private readonly closed: Promise<number | undefined>
  private complaint = ''
  private failure: Error | undefined
  private late = false
  private readonly timer: NodeJS.Timeout | undefined
  private readonly onAbort = (): void => void this.endGently()

  constructor(
    private readonly program: EngineProgram,
    private readonly args: string[],
    stdin: 'ignore' | 'pipe',
    private readonly options: AskOptions,
  ) {
    throwIfAborted(options.signal)
    this.child = this.start(stdin)
    this.child.stderr?.on('data', (chunk: Buffer) => {
      if (this.complaint.length < MOST_COMPLAINT) this.complaint += chunk.toString('utf8')
    })
    this.child.once('error', (error) => {
      this.failure = error
    })
    this.closed = new Promise((resolve) => {
      this.child.once('close', (code) => resolve(code ?? undefined))
    })
    // A feed is stopped by ending its stream, so that the program can tidy up.
    if (stdin === 'ignore') this.endWithSignal()
    if (options.patience !== undefined) this.timer = setTimeout(() => this.giveUp(), options.patience)
  }

  private start(stdin: 'ignore' | 'pipe'): ChildProcess {
    const { file, before, environment } = this.program
    try {
      return startProgram(file, [...before, ...this.args], {
        stdio: [stdin, 'pipe', 'pipe'],
        env: { ...environment, LC_ALL: 'C.UTF-8' },
      })
    } catch (error) {
      throw this.notStarted(error as Error)
    }
  }

  get stdout(): Readable {
    return this.child.stdout as Readable
  }

  async ended(): Promise<void> {
    const code = await this.closed
    this.stop()
    throwIfAborted(this.options.signal)
    if (this.failure) throw this.notStarted(this.failure)
    if (this.late) throw this.noAnswer()
    if (code !== 0) throw this.refusal(code === undefined ? 'It was killed.' : `It ended with ${code}.`)
  }

  /** Waits for the end, for this many milliseconds at most, then forces it. */
  async over(patience: number): Promise<void> {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), patience)
    await this.closed
    clearTimeout(timer)
    this.stop()
  }

  /** From now on the program ends when the signal is aborted. */
  endWithSignal(): void {
    const { signal } = this.options
    if (signal?.aborted) this.onAbort()
    else signal?.addEventListener('abort', this.onAbort, { once: true })
  }

  stop(): void {
    clearTimeout(this.timer)
    this.options.signal?.removeEventListener('abort', this.onAbort)
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL')
  }

  refusal(otherwise: string): ContainerImageError {
    if (this.options.signal?.aborted) return interrupted(this.options.signal.reason)
    return this.program.refusal(this.program.label, this.complaint.trim() || otherwise)
  }

  private async endGently(): Promise<void> {
    this.child.kill('SIGTERM')
    await this.over(GRACE)
  }

  private giveUp(): void {
    this.late = true
    this.child.kill('SIGKILL')
  }

  private noAnswer(): ContainerImageError {
    const { label } = this.program
    return new ContainerImageError('ENGINE_UNREACHABLE', `${label} does not answer.`, {
      side: 'destination',
      expected: `an answer to ${this.args.slice(0, 2).join(' ')} within ${this.options.patience} ms`,
      found: this.complaint.trim() || 'none',
      remedy: 'Look at its log, start it again, then run the command again.',
    })
  }

  private notStarted(cause: Error): ContainerImageError {
    const { file, label } = this.program
    return new ContainerImageError('ENGINE_UNREACHABLE', `${label}: its client ${file} cannot be started.`, {
      side: 'destination',
      expected: `the program ${file}`,
      found: cause.message,
      remedy: 'Install the client beside the engine, or put it on the PATH.',
      cause,
    })
  }
}
