import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'

/** The program in a process of its own: where it hangs, only that process does. */
export const PROGRAM = path.resolve('dist/bin/containerimage.js')

/** Longer than anything takes here; what has not ended by then never would. */
const PATIENCE_MS = 300_000

export interface Ended {
  /** Undefined where it was killed, because it did not end by itself. */
  code: number | undefined
  signal: NodeJS.Signals | undefined
  out: string
  err: string
}

/** Waits for a process, and kills one that hangs. */
export async function ended(child: ChildProcess): Promise<Ended> {
  let [out, err, isHung] = ['', '', false]
  child.stdout?.on('data', (chunk) => {
    out += chunk
  })
  child.stderr?.on('data', (chunk) => {
    err += chunk
  })
  const timer = setTimeout(() => {
    isHung = true
    child.kill('SIGKILL')
  }, PATIENCE_MS)
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once('close', (...how) => resolve(how)),
  )
  clearTimeout(timer)
  return {
    code: isHung ? undefined : (code ?? undefined),
    signal: isHung ? undefined : (signal ?? undefined),
    out,
    err,
  }
}

/** Starts the program with a home of its own below a folder. */
export function startProgram(args: string[], home: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...args], {
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      HOME: home,
      CONTAINERIMAGE_CONFIG_DIR: path.join(home, 'settings'),
      CONTAINERIMAGE_STORE: path.join(home, 'store'),
      ...env,
    },
  })
}

export async function runProgram(args: string[], home: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return await ended(startProgram(args, home, env))
}
