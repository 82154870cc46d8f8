import { printable } from '../../manifests/index.js'
import { usage } from '../command/usage.js'
import type { Streams } from '../output/streams.js'
import { prompted } from './prompt.js'

/** What somebody logs in with. */
export interface Login {
  username: string
  password: string
}

/**
 * Asks on the terminal for the user and the password, which is not shown.
 * @param username if it is already known
 * @throws USAGE for an empty answer, or none; INTERRUPTED, also for Ctrl-C, which is an ordinary key while
 * nothing is shown
 */
export async function askLogin(
  registry: string,
  username: string | undefined,
  streams: Pick<Streams, 'stdin' | 'stderr'>,
  signal: AbortSignal,
): Promise<Login> {
  return await prompted(streams, signal, username !== undefined, async ({ ask }) => {
    const answer = async (question: string, what: string): Promise<string> => {
      const line = await ask(question)
      if (!line) throw usage(`No ${what} was given.`, ['login'])
      return line
    }
    const at = printable(registry)
    const name = username ?? (await answer(`User name for ${at}: `, 'user name')).trim()
    const password = await answer(`Password of ${printable(name)} for ${at}: `, 'password')
    return { username: name, password }
  })
}
