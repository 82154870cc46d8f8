/** A stream that may be a terminal. */
export type Out = NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number }

export interface Streams {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean }
  stdout: Out
  stderr: Out
  env: NodeJS.ProcessEnv
}

/**
 * Lets a reader that goes away (`| head -1`) end the output quietly: the work goes on, and its exit code says
 * how it went.
 */
export function endQuietly(stream: NodeJS.WritableStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EOF') throw error
  })
}

/** Waits until a stream has handed on all that was written to it, or can no longer do so. */
export async function flushed(stream: NodeJS.WritableStream): Promise<void> {
  await new Promise<void>((resolve) => {
    stream.write('', () => resolve())
  })
}
