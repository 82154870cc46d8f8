import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { environmentOf, type Workspace } from './workspace.js'

const PROGRAM = fileURLToPath(new URL('../../../bin/containerimage.js', import.meta.url))

/** Far longer than a run takes on a machine that has much else to do. */
const HANGS_MS = 180_000

export type Fault = 'EIO' | 'ENOSPC' | 'EDQUOT' | 'EROFS' | 'FULL' | 'READONLY' | 'GONE' | 'KILL' | 'ROOM'

export interface Injection {
  /** Which call is hit, from 1; 0 for none. With `ROOM`, how many bytes there is room for. */
  at: number
  how?: Fault
}

/** How a run of the program ended. */
export interface Ended {
  /** Undefined where a signal ended it. */
  code: number | undefined
  err: string
  hangs: boolean
  /** The calls that were counted, or the one that was hit: `write /store/index.json`. */
  calls: string[]
}

/** Runs the program in a workspace without disturbing it. */
export async function run(workspace: Workspace, words: string[]): Promise<Omit<Ended, 'calls'>> {
  return await ended(workspace, words, environmentOf(workspace))
}

/** Runs the program in a workspace, counts its calls there, and disturbs one of them. */
export async function runInjected(
  workspace: Workspace,
  words: string[],
  shim: string,
  { at, how = 'EIO' }: Injection,
): Promise<Ended & { counted: number }> {
  const [count, log] = [`${workspace.root}.count`, `${workspace.root}.log`]
  writeFileSync(count, Buffer.alloc(8))
  rmSync(log, { force: true })
  const injection = {
    LD_PRELOAD: shim,
    INJECT_BELOW: workspace.root,
    INJECT_COUNT: count,
    INJECT_LOG: log,
    INJECT_AT: String(at),
    INJECT_HOW: how,
  }
  const end = await ended(workspace, words, { ...environmentOf(workspace), ...injection })
  const lines = existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []
  const calls = lines.map((line) => line.slice(line.indexOf(' ') + 1))
  return { ...end, calls, counted: Number(readFileSync(count).readBigInt64LE()) }
}

async function ended(
  { root, input }: Workspace,
  words: string[],
  env: NodeJS.ProcessEnv,
): Promise<Omit<Ended, 'calls'>> {
  const child = spawn(process.execPath, [PROGRAM, ...words], {
    cwd: root,
    env: { ...env, PWD: path.resolve(root) },
    stdio: ['pipe', 'ignore', 'pipe'],
    // A group of its own, so that what it started ends with it where it hangs.
    detached: true,
  })
  // It may end before it has read anything.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  let err = ''
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString('utf8')
  })
  let hangs = false
  const late = setTimeout(() => {
    hangs = true
    if (child.pid) process.kill(-child.pid, 'SIGKILL')
  }, HANGS_MS)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  clearTimeout(late)
  return { code: code ?? undefined, err, hangs }
}
