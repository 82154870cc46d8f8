import type { Readable, Writable } from 'node:stream'
import { ContainerImageError } from '../../manifests/index.js'
import { startProgram } from '../io/programs/start-program.js'
import type { Credential } from './credential.js'

/** Under this key docker and its helpers keep what belongs to Docker Hub. */
export const DOCKER_HUB_KEY = 'https://index.docker.io/v1/'

/**
 * In milliseconds. A helper that asks somebody to unlock a key ring when nobody is there would be waited for
 * without end.
 */
const PATIENCE = 15_000
/** In bytes. */
const ANSWER_LIMIT = 1024 * 1024

/** Helpers are programs on the PATH, named without a folder. */
export function isHelperName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)
}

/**
 * Asks `docker-credential-<name> get`, as docker does: the server on its input, JSON on its output. A helper
 * that has nothing or fails gives undefined; the reason is reported without anything that it printed, which
 * may be a secret.
 */
export async function askHelper(
  name: string,
  server: string,
  environment: NodeJS.ProcessEnv,
  note: (message: string) => void,
  patience = PATIENCE,
): Promise<Credential | undefined> {
  const program = `docker-credential-${name}`
  try {
    const { status, output, isLate } = await run(program, 'get', server, environment, patience)
    if (isLate) {
      note(
        `${program} gives no answer for ${server} within ${patience / 1000} s; going on without it. Unlock what it reads, or log in again.`,
      )
      return undefined
    }
    if (status === 0) {
      const credential = parseAnswer(output)
      if (!credential) note(`${program} gives no credentials for ${server} that can be used.`)
      return credential
    }
    // The words of docker's own helpers for "there are none", which is no failure.
    if (!/credentials not found/i.test(output)) note(`${program} fails for ${server}; going on without it.`)
  } catch {
    note(`${program} cannot be run; going on without it.`)
  }
  return undefined
}

/**
 * Has `docker-credential-<name>` keep credentials, as docker does, or forget them. What is kept goes to it on its input,
 * where no other user of the machine sees it.
 * @throws CREDENTIALS_NOT_KEPT, PROGRAM_MISSING
 */
export async function changeInHelper(
  name: string,
  change: { server: string; keep?: { username: string; password: string } },
  environment: NodeJS.ProcessEnv,
  patience = PATIENCE,
): Promise<void> {
  const { server, keep } = change
  const program = `docker-credential-${name}`
  const input = keep
    ? JSON.stringify({ ServerURL: server, Username: keep.username, Secret: keep.password })
    : server
  const action = keep ? 'store' : 'erase'
  const { status, output, isLate } = await run(program, action, input, environment, patience)
  if (status === 0) return
  // Nothing was kept that could be forgotten.
  if (!keep && /credentials not found/i.test(output)) return
  throw new ContainerImageError(
    'CREDENTIALS_NOT_KEPT',
    `${program} does not ${keep ? 'keep' : 'forget'} the credentials for ${server}.`,
    {
      side: 'destination',
      found: isLate ? `no answer within ${patience / 1000} s` : `exit code ${status ?? 'none'}`,
      remedy: 'Unlock what it writes to, or take the helper out of credHelpers or credsStore in config.json.',
    },
  )
}

function parseAnswer(output: string): Credential | undefined {
  let answer: unknown
  try {
    answer = JSON.parse(output)
  } catch {
    return undefined
  }
  if (answer === null || typeof answer !== 'object' || !('Username' in answer) || !('Secret' in answer))
    return undefined
  const { Username: username, Secret: secret } = answer
  if (typeof username !== 'string' || typeof secret !== 'string' || !secret) return undefined
  // docker-credential-helpers: this user name marks an identity token.
  if (username === '<token>') return { kind: 'identity', token: secret }
  return username ? { kind: 'password', username, password: secret } : undefined
}

function run(
  program: string,
  action: 'get' | 'store' | 'erase',
  input: string,
  environment: NodeJS.ProcessEnv,
  patience: number,
): Promise<{ status: number | null; output: string; isLate: boolean }> {
  return new Promise((resolve, reject) => {
    const child = startProgram(program, [action], {
      env: environment,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    const stdin = child.stdin as Writable
    const stdout = child.stdout as Readable
    const chunks: Buffer[] = []
    let length = 0
    stdout.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > ANSWER_LIMIT) child.kill()
      else chunks.push(chunk)
    })
    // What it has started may hold its output open, so that its end is not waited for either.
    const late = setTimeout(() => {
      child.kill('SIGKILL')
      stdout.destroy()
      stdin.destroy()
      child.unref()
      resolve({ status: null, output: '', isLate: true })
    }, patience)
    child.once('error', (error) => {
      clearTimeout(late)
      reject(error)
    })
    child.once('close', (status) => {
      clearTimeout(late)
      resolve({ status, output: Buffer.concat(chunks).toString('utf8'), isLate: false })
    })
    // A helper that ends without reading its input is no error here.
    stdin.on('error', () => {})
    stdin.end(`${input}\n`)
  })
}
