import { coloursFor } from './output/colours.js'
import { asOurs, errorLines } from './output/errors.js'
import { runCommandLine } from './run-command-line.js'
import { abortOnSignals } from './signals.js'
import { endQuietly, flushed } from './streams.js'

/** Runs a command line in this process and ends it with the exit code. */
export async function main(words: string[], verb?: string): Promise<void> {
  const { stdin, stdout, stderr, env } = process
  endQuietly(stdout)
  endQuietly(stderr)
  process.on('uncaughtException', endWithFault)
  // Where nothing is left to wait for before the work has ended, that is a fault and no success.
  process.once('beforeExit', () =>
    endWithFault(new Error('The program came to its end before its work did.')),
  )
  const signals = abortOnSignals(() => {
    if (stderr.isTTY) stderr.write('\nStopping; once more ends it at once.\n')
  })
  const code = await runCommandLine(words, {
    stdin,
    stdout,
    stderr,
    env,
    signal: signals.signal,
    onHangUp: signals.onHangUp,
    ...(verb === undefined ? {} : { verb }),
  })
  signals.release()
  await Promise.all([flushed(stdout), flushed(stderr)])
  process.exit(code)
}

/** What no command caught. */
function endWithFault(error: unknown): void {
  const lines = errorLines(asOurs(error), coloursFor(process.stderr, process.env), true)
  process.stderr.write(`${lines.join('\n')}\n`, () => process.exit(1))
}
