import { createInterface } from 'node:readline/promises'
import { interrupted, printable } from '../manifests/index.js'
import type { Streams } from './streams.js'
import { usage } from './usage.js'

/**
 * Asks on the terminal; everything but `y` or `yes` is a no.
 * @throws USAGE where there is no terminal; INTERRUPTED
 */
export async function confirmed(
  operation: string,
  target: string,
  { stdin, stderr }: Streams,
  signal: AbortSignal,
): Promise<boolean> {
  if (!stdin.isTTY || !stderr.isTTY)
    throw usage('--confirm needs a terminal to ask on.', [], 'Leave --confirm out, or see with --what-if.')
  // Not in raw mode, so that Ctrl-C stays a signal.
  const reader = createInterface({ input: stdin, output: stderr, terminal: false })
  try {
    const question = `Performing the operation "${operation}" on target "${printable(target)}". Go on? [y/N] `
    return /^y(es)?$/i.test((await reader.question(question, { signal })).trim())
  } catch (error) {
    throw interrupted(signal.reason ?? error)
  } finally {
    reader.close()
  }
}
