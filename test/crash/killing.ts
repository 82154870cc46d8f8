import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const RUN_VERB = fileURLToPath(new URL('./run-verb.js', import.meta.url))

function start(verb: string, request: object, env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [RUN_VERB, verb, JSON.stringify(request)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
}

/** Kills a run after some milliseconds; says whether it had ended well before. */
export async function killAt(verb: string, request: object, milliseconds: number): Promise<boolean> {
  const child = start(verb, request)
  const over = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds)
  const code = await over
  clearTimeout(timer)
  return code === 0
}

/** How long something takes, in milliseconds. */
export async function timed(run: () => Promise<unknown>): Promise<number> {
  const began = Date.now()
  await run()
  return Date.now() - began
}

/** Runs a verb in a process of its own; what it printed. @param env further variables of its environment */
export async function runToEnd(verb: string, request: object, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const child = start(verb, request, env)
  let [out, err] = ['', '']
  child.stdout?.on('data', (chunk) => {
    out += chunk
  })
  child.stderr?.on('data', (chunk) => {
    err += chunk
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`${verb} ended with ${code}: ${err}`)
  return out
}

/** mulberry32: small, and the same everywhere. */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
