import { connect } from 'node:net'
import { ContainerImageError, option } from '../../../manifests/index.js'

/** In milliseconds; a socket on this machine accepts a connection at once or not at all. */
const PATIENCE = 5000

/**
 * Makes sure that someone listens on a socket of this machine, so that its client need not wait and guess.
 * @param engine in words: `containerd`
 * @throws ENGINE_UNREACHABLE if it is absent, left over from an engine that has ended, or not ours to use
 */
export async function reachSocket(engine: string, path: string): Promise<void> {
  const code = await new Promise<string | undefined>((resolve) => {
    const socket = connect(path)
    const done = (result?: string): void => {
      socket.destroy()
      resolve(result)
    }
    socket.setTimeout(PATIENCE, () => done('ETIMEDOUT'))
    socket.once('connect', () => done())
    socket.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message))
  })
  if (code !== undefined) throw unreachable(engine, path, code)
}

function unreachable(engine: string, path: string, code: string): ContainerImageError {
  const { message, found, remedy } = reason(engine, path, code)
  return new ContainerImageError('ENGINE_UNREACHABLE', message, {
    side: 'destination',
    expected: `${engine} at ${path}`,
    found,
    remedy,
  })
}

function reason(
  engine: string,
  path: string,
  code: string,
): { message: string; found: string; remedy: string } {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return {
        message: `${engine} has no socket ${path}.`,
        found: 'no such file',
        remedy: `Start ${engine}, or name its socket with ${option('engineAddress')}; then run the command again.`,
      }
    case 'ECONNREFUSED':
    case 'ENOTSOCK':
      return {
        message: `${engine} does not run: nobody listens on ${path}.`,
        found: 'a socket that an ended engine left',
        remedy: `Start ${engine}, then run the command again.`,
      }
    case 'EACCES':
    case 'EPERM':
      return {
        message: `${engine}: access to ${path} is denied.`,
        found: 'no right to use the socket',
        remedy:
          'Run the command as root or with sudo, or as a member of the group that the socket belongs to.',
      }
    default:
      return {
        message: `${engine} does not answer at ${path} (${code}).`,
        found: code,
        remedy: `Look at the log of ${engine}, start it again, then run the command again.`,
      }
  }
}
