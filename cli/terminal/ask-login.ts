import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Transform } from 'node:stream'
import { interrupted, printable, throwIfAborted } from '../../manifests/index.js'
import { usage } from '../command/usage.js'
import { harmless } from '../output/outlet.js'
import type { Streams } from '../output/streams.js'

/** What somebody logs in with. */
export interface Login {
  username: string
  password: string
}

/** Whether there is somebody to ask. */
export function canAsk({ stdin, stderr }: Pick<Streams, 'stdin' | 'stderr'>): boolean {
  return stdin.isTTY === true && stderr.isTTY === true
}

/**
 * Asks on the terminal who logs in, and for the password, which is not shown.
 * @param username if it is known already
 * @throws USAGE for an empty answer, or none; INTERRUPTED, also for Ctrl-C, which is a key while nothing is shown
 */
export async function askLogin(
  registry: string,
  username: string | undefined,
  { stdin, stderr }: Pick<Streams, 'stdin' | 'stderr'>,
  signal: AbortSignal,
): Promise<Login> {
  let isHidden = username !== undefined
  // What the reader echoes; what is asked goes past it, and is shown in any case.
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
    // What is typed or pasted from here on is the password, whether it was asked for yet or not.
    isHidden = true
  })
  let isOver = false
  reader.on('close', () => {
    isOver = true
  })
  const either = AbortSignal.any([signal, stop.signal])
  const answer = async (what: string): Promise<string> => {
    if (lines.length === 0 && !isOver)
      await Promise.race([
        once(reader, 'line', { signal: either }),
        once(reader, 'close', { signal: either }),
      ])
    throwIfAborted(either)
    const line = lines.shift()
    if (!line) throw usage(`No ${what} was given.`, ['login'])
    return line
  }
  try {
    const at = printable(registry)
    if (username === undefined) shown.push(harmless(`User name for ${at}: `))
    const name = username ?? (await answer('user name')).trim()
    shown.push(harmless(`Password of ${printable(name)} for ${at}: `))
    const password = await answer('password')
    return { username: name, password }
  } catch (error) {
    throw either.aborted ? interrupted(either.reason) : error
  } finally {
    shown.push('\n')
    reader.close()
    shown.end()
  }
}
