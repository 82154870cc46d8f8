import { runCommandLine } from './run-command-line.js'
import { abortOnSignals } from './signals.js'
import { endQuietly, flushed } from './streams.js'

/** Runs a command line in this process and ends it with the exit code. */
export async function main(words: string[], verb?: string): Promise<void> {
  const { stdin, stdout, stderr, env } = process
  endQuietly(stdout)
  endQuietly(stderr)
  // Where the event loop runs dry before the work has ended, that is a fault and no success.
  process.exitCode = 1
  const signals = abortOnSignals(() => {
    if (stderr.isTTY) stderr.write('\nStopping; once more ends it at once.\n')
  })
  const code = await runCommandLine(words, {
    stdin,
    stdout,
    stderr,
    env,
    signal: signals.signal,
    ...(verb === undefined ? {} : { verb }),
  })
  signals.release()
  await Promise.all([flushed(stdout), flushed(stderr)])
  process.exit(code)
}
