import { speak } from '../manifests/index.js'
import { coloursFor } from './output/colours.js'
import { asOurs, errorLines } from './output/errors.js'
import { outlet } from './output/outlet.js'
import { flushed, watchLoss, wholeOutput } from './output/streams.js'
import { keepCode } from './package-beside.js'
import { runCommandLine } from './run-command-line.js'
import { heldStdin, isCalledFromPowerShell } from './terminal/caller.js'
import { ProcessEnd } from './terminal/process-end.js'
import { abortOnSignals } from './terminal/signals.js'
import { COMMAND_LINE } from './words/wording.js'

/** Runs a command line in this process and ends it with the exit code. */
export async function main(words: string[], verb?: string): Promise<void> {
  const { env } = process
  const held = isCalledFromPowerShell(env) ? heldStdin(process.stdin) : undefined
  const stdin = held?.firstLine ?? process.stdin
  const [stdout, stderr] = [wholeOutput(process.stdout), wholeOutput(process.stderr)]
  // If stderr accepts no more, there is nowhere to report that.
  watchLoss(stderr)
  const end = new ProcessEnd()
  process.on('uncaughtException', (error) => {
    if (!end.hasBegun) endWithFault(error)
  })
  // If there is nothing left to wait for but the work has not ended, that is a fault, not a success.
  process.once('beforeExit', () =>
    endWithFault(new Error('The program came to its end before its work did.')),
  )
  const signals = abortOnSignals({
    environment: env,
    onFirst: () => {
      if (stderr.isTTY) stderr.write('\nStopping; once more ends it at once.\n')
    },
    onSecond: () => void end.atOnce(130),
    onCallerEnd: (stop) => held?.onEnd(stop),
  })
  const code = await runCommandLine(words, {
    stdin,
    stdout,
    stderr,
    env,
    signal: signals.signal,
    overdue: signals.overdue,
    onHangUp: signals.onHangUp,
    onLongEnd: signals.onLongEnd,
    verb,
  })
  const isFlushed = Promise.all([flushed(stdout), flushed(stderr)])
  if (signals.signal.aborted) await end.afterStop(code, isFlushed)
  await isFlushed
  signals.release()
  if (code === 0) await keepCode()
  process.exit(code)
}

/** What no command caught. */
function endWithFault(error: unknown): void {
  const { stderr, env } = process
  speak(COMMAND_LINE)
  const lines = errorLines(asOurs(error), coloursFor(stderr, env), true)
  outlet(stderr, env).lines(lines, () => process.exit(1))
}
