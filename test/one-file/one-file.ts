import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'

const ONE_FILE = path.resolve('dist/containerimage.mjs')

/** The one file alone in a folder of its own, and folders for what it may write. */
export interface Carried {
  program: string
  store: string
  settings: string
  /** Where it runs. */
  work: string
}

export function carry(folder: string): Carried {
  if (!existsSync(ONE_FILE))
    throw new Error('There is no dist/containerimage.mjs: run `npm run build` first.')
  const carried = {
    program: path.join(folder, 'stick', 'containerimage.mjs'),
    store: path.join(folder, 'store'),
    settings: path.join(folder, 'settings'),
    work: path.join(folder, 'work'),
  }
  mkdirSync(path.dirname(carried.program))
  mkdirSync(carried.work)
  copyFileSync(ONE_FILE, carried.program)
  return carried
}

export interface Ran {
  status: number | null
  stdout: string
  stderr: string
}

/** Runs it by plain Node, with an empty PATH and nothing else in its environment but where its folders are. */
export function runAlone(
  { program, store, settings, work }: Carried,
  args: string[],
  env: NodeJS.ProcessEnv = {},
): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: work,
    encoding: 'utf8',
    env: {
      PATH: '',
      CONTAINERIMAGE_STORE: store,
      CONTAINERIMAGE_CONFIG_DIR: settings,
      // Windows starts no sockets and no threads without it.
      ...(process.env.SystemRoot ? { SystemRoot: process.env.SystemRoot } : {}),
      ...env,
    },
  })
  return { status, stdout, stderr }
}

/** As runAlone, and it has to end well. */
export function succeedAlone(carried: Carried, ...args: string[]): string {
  const { status, stdout, stderr } = runAlone(carried, args)
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`)
  return stdout
}
