import path from 'node:path'
import { inUtf8, printable } from '../../manifests/index.js'
import { usage } from '../command/usage.js'
import type { Streams } from '../output/streams.js'
import { canAsk, prompted } from './prompt.js'

/** In bytes; anything longer is a file that is meant for something else. */
const LIMIT = 64 * 1024

/**
 * Asks on the terminal for the passphrase of a key, which is not shown.
 * @param isNew it is asked for twice
 * @returns undefined where nobody can be asked
 * @throws USAGE where both answers are not the same; INTERRUPTED
 */
export async function askPassphrase(
  file: string,
  isNew: boolean,
  streams: Pick<Streams, 'stdin' | 'stderr'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!canAsk(streams)) return undefined
  return await prompted(streams, signal, true, async ({ ask }) => {
    const passphrase = await ask(`Passphrase of ${printable(path.basename(file))}: `)
    if (isNew && passphrase !== (await ask('\nThe same again: '))) throw usage('The two passphrases differ.')
    return passphrase
  })
}

/** The first line of what comes through standard input. @throws USAGE */
export async function passphraseFrom(stdin: AsyncIterable<Uint8Array | string> | undefined): Promise<string> {
  if (!stdin) throw usage('There is no passphrase on stdin.')
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stdin) {
    chunks.push(Buffer.from(chunk))
    length += chunk.length
    if (length > LIMIT) throw usage('The text on stdin is too long for a passphrase.')
  }
  return firstLine(Buffer.concat(chunks))
}

export function firstLine(bytes: Buffer): string {
  const [line = ''] = inUtf8(bytes).toString('utf8').split(/\r?\n/)
  return line
}
