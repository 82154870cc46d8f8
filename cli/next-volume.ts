import { createInterface } from 'node:readline/promises'
import { interrupted } from '../manifests/index.js'
import type { Streams } from './streams.js'

/**
 * Asks on the terminal for the stick with the next volumes.
 * @returns its folder; undefined where there is no terminal, or the reader wants to stop
 * @throws INTERRUPTED
 */
export async function askForVolume(
  names: string,
  folder: string,
  { stdin, stderr }: Streams,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!stdin.isTTY || !stderr.isTTY) return undefined
  // Not in raw mode, so that Ctrl-C stays a signal.
  const reader = createInterface({ input: stdin, output: stderr, terminal: false })
  try {
    stderr.write(`Still missing: ${names}\n`)
    const question = `Insert the next stick. Its folder [${folder}], or q to stop: `
    const answer = (await reader.question(question, { signal })).trim()
    return /^q(uit)?$/i.test(answer) ? undefined : answer || folder
  } catch (error) {
    throw interrupted(signal.reason ?? error)
  } finally {
    reader.close()
  }
}
