import { createInterface } from 'node:readline/promises'
import { interrupted } from '../../manifests/index.js'
import { harmless, outlet } from '../output/outlet.js'
import type { Streams } from '../output/streams.js'
import { hungUp } from './hung-up.js'

/**
 * Asks on the terminal for the stick with the next volumes.
 * @returns its folder; undefined if there is no terminal, or the reader wants to stop
 * @throws INTERRUPTED
 */
export async function askForVolume(
  names: string,
  folder: string,
  { stdin, stderr, env }: Streams,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!stdin.isTTY || !stderr.isTTY) return undefined
  // Not in raw mode, so that Ctrl-C stays a signal.
  const reader = createInterface({ input: stdin, output: stderr, terminal: false })
  try {
    outlet(stderr, env).line(`Still missing: ${names}`)
    const question = harmless(`Insert the next stick. Its folder [${folder}], or q to stop: `)
    const asked = reader.question(question, { signal })
    const answer = (await Promise.race([asked, hungUp(reader).then(() => 'q')])).trim()
    return /^q(uit)?$/i.test(answer) ? undefined : answer || folder
  } catch (error) {
    throw interrupted(signal.reason ?? error)
  } finally {
    reader.close()
  }
}
