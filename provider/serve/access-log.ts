import { constants, createWriteStream, type WriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { ContainerImageError, printable } from '../../manifests/index.js'
import { fromSystem } from '../io/files/system-errors.js'

/** One request, as a line of the log shows it. */
export interface LoggedRequest {
  remote: string
  method: string
  path: string
  status: number
  /** Of the body, as many as the system took. */
  bytes: number
  ms: number
  userAgent?: string
  user?: string
  /** Why it failed here. */
  error?: string
}

/** If the disk does not keep up, lines are lost, but memory does not grow. */
const MOST_WAITING = 4 * 1024 * 1024

const LONGEST_TEXT = 512

/** A pipe may be a log, if somebody reads it. */
const WITHOUT_WAITING =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NONBLOCK ?? 0)

/**
 * Requests as JSON lines, in a file or to whoever takes lines. A file is opened again on `reopen`, as log
 * rotation needs it.
 */
export class AccessLog {
  private stream: WriteStream | undefined

  /** @param dropped told of each line that was not written */
  constructor(
    private readonly file: string | undefined,
    private readonly line: (text: string) => void,
    private readonly dropped: () => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** @throws PERMISSION_DENIED and the system's other errors, where the file cannot be written */
  async start(): Promise<void> {
    if (this.file === undefined) return
    const handle = await open(this.file, WITHOUT_WAITING, 0o640).catch((error) => {
      throw error.code === 'ENXIO'
        ? unread(this.file)
        : fromSystem(error, `Opening ${this.file}`, 'destination')
    })
    await handle.close()
    this.reopen()
  }

  reopen(): void {
    if (this.file === undefined) return
    this.stream?.end()
    const stream = createWriteStream(this.file, { flags: 'a', mode: 0o640 })
    stream.on('error', (error) => {
      // Said once; the lines until the next reopening are counted as dropped.
      if (this.stream === stream) this.stream = undefined
      this.failed(error)
    })
    this.stream = stream
  }

  write(request: LoggedRequest): void {
    const text = lineOf(request)
    if (this.file === undefined) this.line(text)
    else if (!this.stream || this.stream.writableLength > MOST_WAITING) this.dropped()
    else this.stream.write(`${text}\n`)
  }

  async close(): Promise<void> {
    const { stream } = this
    this.stream = undefined
    if (stream) await new Promise<void>((resolve) => stream.end(resolve))
  }
}

function unread(file: string | undefined): ContainerImageError {
  return new ContainerImageError('CANNOT_MAKE', `Opening ${file}: it is a named pipe that nobody reads.`, {
    side: 'destination',
    expected: 'a file, or a pipe with a reader',
    found: 'a named pipe',
    remedy: 'Start the reader of the pipe first, or give a file.',
  })
}

function lineOf({ remote, method, path, status, bytes, ms, userAgent, user, error }: LoggedRequest): string {
  const text = (value: string | undefined): string | undefined =>
    value === undefined ? undefined : printable(value.slice(0, LONGEST_TEXT))
  return JSON.stringify({
    time: new Date().toISOString(),
    remote,
    method: text(method),
    path: text(path),
    status,
    bytes,
    ms: Math.round(ms * 10) / 10,
    userAgent: text(userAgent),
    user: text(user),
    error: text(error),
  })
}
