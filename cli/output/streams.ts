import { writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { READER_GONE } from './unwritten.js'

/** A stream that may be a terminal. */
export type Out = NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number }

export interface Streams {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean }
  stdout: Out
  stderr: Out
  env: NodeJS.ProcessEnv
}

/** Node writes once to a file, and says nothing if a disk that fills up took less than all. */
class WholeFile extends Writable {
  constructor(private readonly fd: number) {
    super()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    try {
      for (let at = 0; at < chunk.length; ) at += writeSync(this.fd, chunk, at)
      done()
    } catch (error) {
      done(error as Error)
    }
  }
}

/** A stream of the process; a write to a file is complete, or fails. */
export function wholeOutput(stream: Out & { fd?: number }): Out {
  return stream instanceof Socket || stream.fd === undefined ? stream : new WholeFile(stream.fd)
}

/**
 * Watches for errors of a stream; the work continues, and nothing is thrown. A reader that goes away (`|
 * head -1`) is not an error: the output ends quietly, and the exit code says how the work went.
 * @returns called afterwards, gives the first real error
 */
export function watchLoss(stream: NodeJS.WritableStream): () => Promise<NodeJS.ErrnoException | undefined> {
  let loss: NodeJS.ErrnoException | undefined
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!READER_GONE.has(error.code ?? '')) loss ??= error
  })
  return async () => {
    // An error is reported in the next turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve))
    return loss
  }
}

/** Waits until a stream has passed on everything that was written to it, or can no longer do so. */
export async function flushed(stream: NodeJS.WritableStream): Promise<void> {
  await new Promise<void>((resolve) => {
    stream.write('', () => resolve())
  })
}
