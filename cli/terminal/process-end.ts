import { setTimeout as pause } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { type RunningPrograms, runningPrograms } from '../../provider/index.js'

/** How long to wait at the end, first for readers of the output, then for threads, in milliseconds. */
const PATIENCE_MS = 400
const AT_ONCE_MS = 500
const LOOK_MS = 10

/** What Node does on its own threads, which it waits for at exit, however long they take. */
const ON_THREADS = new Set([
  'FSReqCallback',
  'FSReqPromise',
  'FileHandleCloseReq',
  'GetAddrInfoReqWrap',
  'GetNameInfoReqWrap',
])

/**
 * Ends this process. A thread may be waiting for the system, such as a disk that does not answer; then Node's
 * own exit would wait with it, and the process has to be killed.
 */
export class ProcessEnd {
  /** From then on errors are not reported: abandoned work may complain. */
  hasBegun = false
  private readonly threads = new Set<Worker>()
  private readonly programs: RunningPrograms = runningPrograms()

  constructor() {
    process.on('worker', (worker) => {
      this.threads.add(worker)
      worker.once('exit', () => this.threads.delete(worker))
    })
  }

  /** Work was aborted: whatever is still running is abandoned. */
  async afterStop(code: number, isFlushed: Promise<unknown>): Promise<void> {
    this.hasBegun = true
    await Promise.race([isFlushed, pause(PATIENCE_MS)])
    await this.exit(code, PATIENCE_MS)
  }

  /** The work is not even given time to stop. */
  async atOnce(code: number): Promise<void> {
    await this.exit(code, AT_ONCE_MS)
  }

  private async exit(code: number, patience: number): Promise<void> {
    this.hasBegun = true
    // Nobody needs their results any more.
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

/** A shell reports 130 for it, as for every end by SIGINT. */
function kill(): void {
  process.removeAllListeners('SIGINT')
  process.kill(process.pid, 'SIGINT')
  // In case that has no effect.
  process.kill(process.pid, 'SIGKILL')
}
