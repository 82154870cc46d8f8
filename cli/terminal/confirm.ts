import { createInterface } from 'node:readline/promises'
import { inMessage, interrupted, printable } from '../../manifests/index.js'
import { usage } from '../command/usage.js'
import { harmless } from '../output/outlet.js'
import type { Streams } from '../output/streams.js'
import { hungUp } from './hung-up.js'

/**
 * Asks on the terminal; anything but `y` or `yes` is a no, and so is no answer.
 * @throws USAGE if there is no terminal; INTERRUPTED
 */
export async function confirmed(
  operation: string,
  target: string,
  { stdin, stderr }: Streams,
  signal: AbortSignal,
): Promise<boolean> {
  if (!stdin.isTTY || !stderr.isTTY)
    throw usage('--confirm needs a terminal to ask on.', [], 'Leave out --confirm, or use --what-if.')
  // Not in raw mode, so that Ctrl-C stays a signal.
  const reader = createInterface({ input: stdin, output: stderr, terminal: false })
  try {
    const shown = printable(inMessage(target))
    const question = harmless(
      `Performing the operation "${operation}" on target "${shown}". Continue? [y/N] `,
    )
    const answer = await Promise.race([reader.question(question, { signal }), hungUp(reader)])
    return /^y(es)?$/i.test(answer.trim())
  } catch (error) {
    throw interrupted(signal.reason ?? error)
  } finally {
    reader.close()
  }
}
