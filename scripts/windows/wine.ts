import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import path from 'node:path'

/** How a program ended: with its code, or stopped because it took too long. */
export type Ending = number | 'too late'

/** A Windows of its own, in a folder; ending it ends everything that runs in it. */
export class Wine {
  private constructor(
    private readonly prefix: string,
    private readonly node: string,
  ) {}

  /**
   * @param folder where everything of that Windows is to be
   * @param node the Windows build of Node
   */
  static async make(folder: string, node: string): Promise<Wine> {
    const prefix = path.join(folder, 'prefix')
    mkdirSync(prefix, { recursive: true })
    const wine = new Wine(prefix, node)
    for (const command of [
      ['wineboot', '-i'],
      ['winecfg', '-v', 'win10'],
    ])
      await wine.run(command, path.join(folder, 'made.txt'), { seconds: 120 })
    return wine
  }

  /** The path by which Windows finds a file of this system. */
  static path(file: string): string {
    return `Z:${path.resolve(file).replaceAll('/', '\\')}`
  }

  /**
   * Runs Node. Its output goes to a file, and nothing can be typed: Wine's programs cannot use a pipe of this system.
   * @param seconds after which it is stopped
   */
  async runNode(
    args: string[],
    output: string,
    options: { seconds: number; env?: NodeJS.ProcessEnv },
  ): Promise<Ending> {
    return await this.run(['wine', this.node, ...args], output, options)
  }

  /** Ends everything that is still running, and waits for it. */
  end(): void {
    for (const option of ['-k', '-w'])
      spawnSync('wineserver', [option], { env: this.environment(), stdio: 'ignore', timeout: 30_000 })
  }

  private async run(
    [program = '', ...args]: string[],
    output: string,
    { seconds, env }: { seconds: number; env?: NodeJS.ProcessEnv },
  ): Promise<Ending> {
    const file = openSync(output, 'a')
    try {
      const child = spawn(program, args, { stdio: ['ignore', file, file], env: this.environment(env) })
      return await ended(child, seconds, () => this.end())
    } finally {
      closeSync(file)
    }
  }

  private environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return {
      ...process.env,
      ...{ WINEPREFIX: this.prefix, WINEDEBUG: '-all', WINEDLLOVERRIDES: 'mscoree,mshtml=' },
      // Node exits at once if it considers its Windows too old.
      NODE_SKIP_PLATFORM_CHECK: '1',
      ...more,
    }
  }
}

async function ended(child: ChildProcess, seconds: number, stop: () => void): Promise<Ending> {
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    stop()
    child.kill('SIGKILL')
  }, seconds * 1000)
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.on('error', reject)
      child.on('exit', (code) => resolve(code ?? 1))
    })
    return isLate ? 'too late' : code
  } finally {
    clearTimeout(timer)
  }
}
