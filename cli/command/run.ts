import type { OnProgress } from '../../provider/index.js'

/** What a command may do with the world around it. */
export interface Run {
  signal: AbortSignal
  onProgress: OnProgress
  now: Date
  quiet: boolean
  verbose: boolean
  /** Columns of the terminal on stdout; undefined if it is not a terminal, and then nothing is cut. */
  columns: number | undefined
  /** Requested data: the document with --json, else the lines. */
  print(document: unknown, lines: () => string[]): void
  /** What was done: like `print`, but without the lines if --quiet was given. */
  report(document: unknown, lines: () => string[]): void
  /** A line for the reader, on stderr. */
  note(message: string): void
  /** A line of a log, on stderr unchanged. */
  log(line: string): void
  /** What SIGHUP means to a command that runs until it is stopped. */
  onHangUp(handler: () => void): void
  /** How many milliseconds a command may need after a signal, if that is more than a moment. */
  onLongEnd(milliseconds: number): void
  /** Standard input; undefined on a terminal. */
  stdin: AsyncIterable<Uint8Array | string> | undefined
  /**
   * Reserves stdout for the bytes of a file: everything that is printed goes to stderr from now on.
   * @returns writes them
   * @throws USAGE if stdout is a terminal
   */
  takeStdout(): (bytes: AsyncIterable<Uint8Array>) => Promise<void>
  /**
   * Asks for the stick with the next volumes; undefined if nobody can be asked, or the reader wants to stop.
   */
  nextVolume(names: string, folder: string): Promise<string | undefined>
  /** Asks for the passphrase of a key; undefined if nobody can be asked. @param isNew it is chosen now */
  passphrase(file: string, isNew: boolean): Promise<string | undefined>
  /** Asks if --confirm was given. @throws USAGE if there is no terminal to ask on */
  agreed(operation: string, target: string): Promise<boolean>
}
