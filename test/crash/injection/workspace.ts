import { cpSync, mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'

/** One machine's part in a scenario, as a folder: its store, its settings, and what else lies there. */
export interface Workspace {
  root: string
  store: string
  /** Beside what every run finds in its environment. */
  environment: NodeJS.ProcessEnv
  /** What comes on standard input; nothing where left out. */
  input?: string | undefined
  at(...names: string[]): string
}

export function workspaceIn(
  root: string,
  { environment = {}, input }: Partial<Pick<Workspace, 'environment' | 'input'>> = {},
): Workspace {
  return {
    root,
    environment,
    input,
    store: path.join(root, 'store'),
    at: (...names) => path.join(root, ...names),
  }
}

export function makeWorkspace(root: string): Workspace {
  for (const name of ['tmp', 'home']) mkdirSync(path.join(root, name), { recursive: true })
  return workspaceIn(root)
}

/** What the program finds in its environment there: nothing of this machine's user. */
export function environmentOf({ at, store, environment }: Workspace): NodeJS.ProcessEnv {
  const home = at('home')
  return {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    HOME: home,
    XDG_CONFIG_HOME: home,
    XDG_DATA_HOME: home,
    XDG_RUNTIME_DIR: home,
    TMPDIR: at('tmp'),
    CONTAINERIMAGE_STORE: store,
    CONTAINERIMAGE_CONFIG_DIR: at('settings'),
    // Calls that the kernel makes on its own account cannot be counted.
    UV_USE_IO_URING: '0',
    // Compiled code that one run keeps for the next is no state: `one-file/kept-code` damages it.
    NODE_DISABLE_COMPILE_CACHE: '1',
    ...environment,
  }
}

/** Puts a workspace into the state of another. */
export function resetTo(base: Workspace, workspace: Workspace): void {
  removeTree(workspace.root)
  cpSync(base.root, workspace.root, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
}

/** A program that outlives the one that was killed may still write for a moment. */
export function removeTree(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}
