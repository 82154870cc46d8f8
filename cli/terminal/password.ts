import { interrupted, inUtf8 } from '../../manifests/index.js'
import { Arguments } from '../command/arguments.js'
import { usage } from '../command/usage.js'
import type { Streams } from '../output/streams.js'
import { askLogin } from './ask-login.js'
import { canAsk } from './prompt.js'

/** In bytes; anything longer is not a password but probably a file for something else. */
const LIMIT = 64 * 1024

/**
 * The arguments with the password that --password-stdin promises. A password is never an argument itself:
 * other users of the machine can see arguments, and shells keep them.
 * @throws USAGE, INTERRUPTED
 */
export async function withPassword(
  args: Arguments,
  streams: Streams,
  signal: AbortSignal,
): Promise<Arguments> {
  const isPromised = args.flag('password-stdin')
  const username = args.text('username')
  if (!isPromised && isLogin(args)) return await withAnswers(args, streams, signal)
  if (!isPromised && username === undefined) return args
  if (!isPromised || !username)
    throw usage(
      '--username and --password-stdin belong together.',
      args.path,
      'For example: `containerimage pull HOST/NAME:TAG --username me --password-stdin < password.txt`.',
    )
  refuseColon(username, args)
  return new Arguments(args.path, args.values, await readPassword(args, streams, signal))
}

/** RFC 7617 section 2: a colon ends the user's name. */
function refuseColon(username: string, args: Arguments): void {
  if (username.includes(':'))
    throw usage(
      'A user name has no colon.',
      args.path,
      'Give the password, or what follows the colon, with --password-stdin.',
    )
}

function isLogin({ path: [command] }: Arguments): boolean {
  return command === 'login'
}

/** Somebody who logs in can be asked; any other command may run unattended. */
async function withAnswers(args: Arguments, streams: Streams, signal: AbortSignal): Promise<Arguments> {
  if (!canAsk(streams))
    throw usage(
      'login needs --username and --password-stdin, or a terminal to ask on.',
      args.path,
      'For example: `containerimage login HOST --username me --password-stdin < password.txt`.',
    )
  const registry = args.text('registry') ?? 'docker.io'
  const { username, password } = await askLogin(registry, args.text('username'), streams, signal)
  refuseColon(username, args)
  return new Arguments(args.path, { ...args.values, username }, password)
}

async function readPassword(args: Arguments, { stdin }: Streams, signal: AbortSignal): Promise<string> {
  if (stdin.isTTY)
    throw usage(
      '--password-stdin does not read from a terminal, where the password would be visible.',
      args.path,
      'Pass it from a file or a program: `... --password-stdin < password.txt`.',
    )
  const stop = (): void => void stdin.emit('error', interrupted(signal.reason))
  signal.addEventListener('abort', stop)
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of stdin) {
      chunks.push(Buffer.from(chunk))
      length += chunk.length
      if (length > LIMIT) throw usage('The text on stdin is too long for a password.', args.path)
    }
  } finally {
    signal.removeEventListener('abort', stop)
  }
  const password = inUtf8(Buffer.concat(chunks))
    .toString('utf8')
    .replace(/\r?\n$/, '')
  if (password === '') throw usage('There is no password on stdin.', args.path)
  return password
}
