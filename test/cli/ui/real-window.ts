import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

/** A window as a user opens it: the one file in a process of its own. */
export interface RealWindow {
  /** With the token. */
  address: string
  /** `http://127.0.0.1:43127` */
  origin: string
  token: string
  /** Ends it as Ctrl-C does. @returns the exit code */
  stop(): Promise<number | null>
}

export interface RealWindowOptions {
  store: string
  /** Where settings are kept. */
  home: string
  args?: string[]
  env?: NodeJS.ProcessEnv
}

const PROGRAM = path.resolve('dist/containerimage.mjs')
/** Engines of this machine have images that no test knows. */
const NO_ENGINES = {
  DOCKER_HOST: 'unix:///nonexistent/docker.sock',
  CONTAINER_HOST: 'unix:///nonexistent/podman.sock',
  CONTAINERD_ADDRESS: '/nonexistent/containerd.sock',
  CONTAINERIMAGE_PODMAN: '/nonexistent/podman',
  CONTAINERIMAGE_CTR: '/nonexistent/ctr',
}

export async function openRealWindow({
  store,
  home,
  args = [],
  env,
}: RealWindowOptions): Promise<RealWindow> {
  const words = [PROGRAM, 'ui', '--no-browser', '--json', '--store', store, ...args]
  const child = spawn(process.execPath, words, {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      ...process.env,
      ...NO_ENGINES,
      HOME: home,
      CONTAINERIMAGE_CONFIG_DIR: path.join(home, 'settings'),
      ...env,
    },
  })
  const address = await addressOf(child)
  const { origin, hash } = new URL(address)
  return {
    ...{ address, origin },
    token: hash.replace('#token=', ''),
    async stop() {
      if (child.exitCode !== null) return child.exitCode
      child.kill('SIGINT')
      const [code] = await once(child, 'exit')
      return code as number | null
    },
  }
}

async function addressOf(child: ChildProcess): Promise<string> {
  let text = ''
  if (!child.stdout) throw new Error('no stdout')
  for await (const chunk of child.stdout) {
    text += chunk
    const address = /"url": "([^"]+)"/.exec(text)?.[1]
    if (address !== undefined) return address
  }
  throw new Error(`the window did not open: ${text}`)
}
