import type { Readable, Writable } from 'node:stream'
import { startProgram } from '../io/programs/start-program.js'
import type { Credential } from './credential.js'

/** Under this key docker and its helpers keep what belongs to Docker Hub. */
export const DOCKER_HUB_KEY = 'https://index.docker.io/v1/'

/** In milliseconds. A helper that asks somebody to unlock a key ring, where nobody sits, would be waited for without end. */
const PATIENCE = 15_000
/** In bytes. */
const ANSWER_LIMIT = 1024 * 1024

/** Helpers are programs on the PATH, named without a folder. */
export function isHelperName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)
}

/**
 * Asks `docker-credential-<name> get`, as docker does: the server on its input, JSON on its output. A
 * helper that has nothing or fails gives undefined; why is told without anything that it printed, which may
 * be a secret.
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
    const { status, output, isLate } = await run(program, server, environment, patience)
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
  input: string,
  environment: NodeJS.ProcessEnv,
  patience: number,
): Promise<{ status: number | null; output: string; isLate: boolean }> {
  return new Promise((resolve, reject) => {
    const child = startProgram(program, ['get'], {
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
