import { writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { Writable } from 'node:stream'

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

/** A stream of the process; to a file it is written whole, or fails. */
export function wholeOutput(stream: Out & { fd?: number }): Out {
  return stream instanceof Socket || stream.fd === undefined ? stream : new WholeFile(stream.fd)
}

/** What a pipe says whose reader went away. */
const READER_GONE = new Set(['EPIPE', 'EOF', 'ECONNRESET'])

/**
 * Watches why a stream takes no more; the work goes on all the same, and nothing is thrown. A reader that goes away
 * (`| head -1`) is no loss: the output ends quietly, and the exit code says how the work went.
 * @returns asked afterwards: the first error that is a loss
 */
export function watchLoss(stream: NodeJS.WritableStream): () => Promise<NodeJS.ErrnoException | undefined> {
  let loss: NodeJS.ErrnoException | undefined
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!READER_GONE.has(error.code ?? '')) loss ??= error
  })
  return async () => {
    // An error is told in the next turn.
    await new Promise((resolve) => setImmediate(resolve))
    return loss
  }
}

/** Waits until a stream has handed on all that was written to it, or can no longer do so. */
export async function flushed(stream: NodeJS.WritableStream): Promise<void> {
  await new Promise<void>((resolve) => {
    stream.write('', () => resolve())
  })
}
