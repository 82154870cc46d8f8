import type { OnProgress } from '../../provider/index.js'

/** What a command may do to the world around it. */
export interface Run {
  signal: AbortSignal
  onProgress: OnProgress
  now: Date
  quiet: boolean
  verbose: boolean
  /** Columns of the terminal on stdout; undefined if it is none, and then nothing is cut. */
  columns: number | undefined
  /** Data that was asked for: the document with --json, else the lines. */
  print(document: unknown, lines: () => string[]): void
  /** What was done: as `print`, but without the lines where --quiet was given. */
  report(document: unknown, lines: () => string[]): void
  /** A line for the reader, on stderr. */
  note(message: string): void
  /** A line of a log, on stderr as it is. */
  log(line: string): void
  /** What SIGHUP means to a command that runs until it is stopped. */
  onHangUp(handler: () => void): void
  /** How many milliseconds a command may need after a signal, where that is longer than a moment. */
  onLongEnd(milliseconds: number): void
  /** What is piped in; undefined on a terminal. */
  stdin: AsyncIterable<Uint8Array | string> | undefined
  /**
   * Keeps stdout for the bytes of a file: all that is printed goes to stderr from now on.
   * @returns writes them
   * @throws USAGE if stdout is a terminal
   */
  takeStdout(): (bytes: AsyncIterable<Uint8Array>) => Promise<void>
  /** Asks for the stick with the next volumes; undefined if nobody can be asked, or wants to stop. */
  nextVolume(names: string, folder: string): Promise<string | undefined>
  /** Asks where --confirm was given. @throws USAGE if there is no terminal to ask on */
  agreed(operation: string, target: string): Promise<boolean>
}
