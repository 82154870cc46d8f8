import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Transform } from 'node:stream'
import { interrupted, throwIfAborted } from '../../manifests/index.js'
import { harmless } from '../output/outlet.js'
import type { Streams } from '../output/streams.js'

type Terminal = Pick<Streams, 'stdin' | 'stderr'>

/** Whether there is somebody to ask. */
export function canAsk({ stdin, stderr }: Terminal): boolean {
  return stdin.isTTY === true && stderr.isTTY === true
}

/** Questions on a terminal, the last of which is for a secret. */
export interface Prompt {
  /** @returns undefined if the terminal has ended. @throws INTERRUPTED */
  ask(question: string): Promise<string | undefined>
}

/**
 * Asks on the terminal. What is typed is shown for the first answer only.
 * @param isSecret the first answer is not shown either
 * @throws INTERRUPTED, also for Ctrl-C, which is an ordinary key while nothing is shown
 */
export async function prompted<T>(
  { stdin, stderr }: Terminal,
  signal: AbortSignal,
  isSecret: boolean,
  work: (prompt: Prompt) => Promise<T>,
): Promise<T> {
  let isHidden = isSecret
  // Where the reader echoes to; questions bypass it, and are always shown.
  const shown = new Transform({
    transform: (chunk, _encoding, done) => done(null, isHidden ? undefined : chunk),
  })
  shown.pipe(stderr, { end: false })
  const stop = new AbortController()
  const reader = createInterface({ input: stdin, output: shown, terminal: true, historySize: 0, prompt: '' })
  reader.on('SIGINT', () => stop.abort(new Error('Ctrl-C')))
  const lines: string[] = []
  reader.on('line', (line) => {
    lines.push(line)
    // What is typed or pasted from here on is the secret, whether it was asked for yet or not.
    isHidden = true
  })
  let isOver = false
  reader.on('close', () => {
    isOver = true
  })
  const either = AbortSignal.any([signal, stop.signal])
  const ask = async (question: string): Promise<string | undefined> => {
    shown.push(harmless(question))
    if (lines.length === 0 && !isOver)
      await Promise.race([
        once(reader, 'line', { signal: either }),
        once(reader, 'close', { signal: either }),
      ])
    throwIfAborted(either)
    return lines.shift()
  }
  try {
    return await work({ ask })
  } catch (error) {
    throw either.aborted ? interrupted(either.reason) : error
  } finally {
    shown.push('\n')
    reader.close()
    shown.end()
  }
}
