import { setTimeout as pause } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { type RunningPrograms, runningPrograms } from '../../provider/index.js'

/** How long threads are waited for at the end, and before them who reads the output, in milliseconds. */
const PATIENCE_MS = 400
const AT_ONCE_MS = 500
const LOOK_MS = 10

/** What Node works on in threads of its own, which it waits for at its end however long they take. */
const ON_THREADS = new Set([
  'FSReqCallback',
  'FSReqPromise',
  'FileHandleCloseReq',
  'GetAddrInfoReqWrap',
  'GetNameInfoReqWrap',
])

/**
 * Ends this process. A thread may wait for the system, for a disk that does not answer; then Node's own way to
 * end would wait with it, and the process has to be killed.
 */
export class ProcessEnd {
  /** From then on nobody is told what goes wrong: work that is broken off may complain. */
  hasBegun = false
  private readonly threads = new Set<Worker>()
  private readonly programs: RunningPrograms = runningPrograms()

  constructor() {
    process.on('worker', (worker) => {
      this.threads.add(worker)
      worker.once('exit', () => this.threads.delete(worker))
    })
  }

  /** Work was broken off: whatever is still under way is given up. */
  async afterStop(code: number, isFlushed: Promise<unknown>): Promise<void> {
    this.hasBegun = true
    await Promise.race([isFlushed, pause(PATIENCE_MS)])
    await this.exit(code, PATIENCE_MS)
  }

  /** The work was not even given the time to leave off. */
  async atOnce(code: number): Promise<void> {
    await this.exit(code, AT_ONCE_MS)
  }

  private async exit(code: number, patience: number): Promise<void> {
    this.hasBegun = true
    // They would go on for nobody.
    this.programs.stop()
    for (const thread of this.threads) void thread.terminate()
    const deadline = Date.now() + patience
    while (!this.isIdle()) {
      if (Date.now() >= deadline) kill()
      await pause(LOOK_MS)
    }
    process.exit(code)
  }

  private isIdle(): boolean {
    return this.threads.size === 0 && !process.getActiveResourcesInfo().some((name) => ON_THREADS.has(name))
  }
}

/** A shell tells 130 of it, as of every end by SIGINT. */
function kill(): void {
  process.removeAllListeners('SIGINT')
  process.kill(process.pid, 'SIGINT')
  // Where that is not heard.
  process.kill(process.pid, 'SIGKILL')
}
