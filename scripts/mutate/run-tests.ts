import { spawn } from 'node:child_process'
import path from 'node:path'

export type Outcome = 'killed' | 'survived' | 'timed out'

/** Far longer than the tests of an area take on a busy machine. */
const TIME_OUT_MS = 180_000

/**
 * Runs tests in a copy of the build until the first of them fails; if there are none, or if what they need is not on
 * this machine, that is a failure too.
 * @param patience milliseconds that they may take
 */
export async function runTests(
  folder: string,
  tests: readonly string[],
  options: readonly string[] = [],
  patience = TIME_OUT_MS,
): Promise<Outcome> {
  const mocha = path.join('node_modules', 'mocha', 'bin', 'mocha.js')
  const child = spawn(
    process.execPath,
    [mocha, '--exit', '--bail', '--fail-zero', '--no-parallel', ...options, ...tests],
    {
      cwd: folder,
      stdio: 'ignore',
      env: {
        ...process.env,
        REQUIRE_PEERS: '1',
        CONTAINERIMAGE_CONFIG_DIR: path.join(folder, 'settings'),
        XDG_DATA_HOME: path.join(folder, 'data'),
      },
      detached: process.platform !== 'win32',
    },
  )
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    endAll(child.pid)
  }, patience)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', resolve)
  })
  clearTimeout(timer)
  if (isLate) return 'timed out'
  return code === 0 ? 'survived' : 'killed'
}

/** Including what the tests have started. */
function endAll(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
  } catch {
    // It has just ended by itself.
  }
}
