import { createReadStream } from 'node:fs'
import path from 'node:path'
import { ContainerImageError, type ErrorCode, inUtf8, printable } from '../../manifests/index.js'
import { usage } from '../command/usage.js'
import type { Streams } from '../output/streams.js'
import { canAsk, prompted } from './prompt.js'

/** In bytes; anything longer is probably a file for something else. */
const LIMIT = 64 * 1024

/**
 * Asks on the terminal for the passphrase of a key, which is not shown.
 * @param isNew it is asked for twice
 * @returns undefined if nobody can be asked
 * @throws USAGE if the two answers differ; INTERRUPTED
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
    if (isNew && passphrase !== (await ask('\nOnce more: '))) throw usage('The two passphrases differ.')
    return passphrase
  })
}

type Text = AsyncIterable<Uint8Array | string>

/** The first line of standard input. @throws USAGE */
export async function passphraseFrom(stdin: Text | undefined): Promise<string> {
  if (!stdin) throw usage('There is no passphrase on stdin.')
  return await firstLine(stdin, 'on stdin')
}

/** The first line of a file, or of what the shell gives by `<(...)`. @throws USAGE, PATH_NOT_FOUND, PERMISSION_DENIED */
export async function passphraseIn(file: string): Promise<string> {
  return await firstLine(createReadStream(file), `in ${printable(file)}`).catch(
    (error: NodeJS.ErrnoException) => {
      const code = UNREADABLE[error.code ?? '']
      if (!code) throw error
      throw new ContainerImageError(code, `The passphrase in ${printable(file)} cannot be read.`, {
        side: 'source',
        expected: 'a file with a passphrase in its first line',
        found: error.code,
        remedy: 'Check the path that was given with --passphrase-file, and who may read it.',
      })
    },
  )
}

const UNREADABLE: Record<string, ErrorCode> = {
  ENOENT: 'PATH_NOT_FOUND',
  ENOTDIR: 'PATH_NOT_FOUND',
  EISDIR: 'NOT_A_FILE',
  EACCES: 'PERMISSION_DENIED',
  EPERM: 'PERMISSION_DENIED',
}

async function firstLine(text: Text, place: string): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of text) {
    chunks.push(Buffer.from(chunk))
    length += chunk.length
    if (length > LIMIT) throw usage(`The text ${place} is too long for a passphrase.`)
  }
  const [line = ''] = inUtf8(Buffer.concat(chunks)).toString('utf8').split(/\r?\n/)
  return line
}
