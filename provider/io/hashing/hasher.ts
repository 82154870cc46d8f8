import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { ContainerImageError, interrupted } from '../../../manifests/index.js'
import { fromSystem } from '../files/system-errors.js'
import { startWorker } from '../threads/start-worker.js'
import { type RangeJob, type RangeResult, runRangeJob } from './range-job.js'
import type { Failure, WorkerReply, WorkerRequest } from './worker.js'

/** Below this a worker's start costs more than the work. */
const SMALL_BYTES = 8 * 1024 * 1024
/** More threads than this wait for the memory or the disk, not for a processor. */
const MOST_WORKERS = 4

export interface HashOptions {
  signal?: AbortSignal
  onBytes?: (count: number) => void
}

interface Task {
  job: RangeJob
  onBytes: ((count: number) => void) | undefined
  /** Its own: what ends one task must not cut another short. */
  stop: SharedArrayBuffer
  resolve(result: RangeResult): void
  reject(error: unknown): void
}

/**
 * Hashes, and copies, ranges of files on all cores. Small ranges are done at once on the calling thread.
 * Close it when the work is over.
 */
export class Hasher {
  private readonly idle: Worker[] = []
  private readonly waiting: Task[] = []
  private readonly busy = new Map<Worker, Task>()
  private readonly most: number

  constructor(workers = Math.min(MOST_WORKERS, availableParallelism())) {
    this.most = workers
  }

  /**
   * The hash of all bytes of the range, in hex; there is none of fewer.
   * @throws SIZE_MISMATCH where the file ends before the range does, with `details.bytes` that were there;
   * INTERRUPTED; the system's errors in our words, with the side on which they happened
   */
  async run(job: RangeJob, options: HashOptions = {}): Promise<{ hex: string }> {
    const { signal } = options
    if (signal?.aborted) throw interrupted(signal.reason)
    const result =
      job.source.size <= SMALL_BYTES ? await this.runHere(job, options) : await this.runThere(job, options)
    if (signal?.aborted || result.state === 'stopped') throw interrupted(signal?.reason)
    if (result.state === 'short') throw endsEarly(job, result.bytes)
    return { hex: result.hex }
  }

  /** Ends what is under way; who still waits for it is told so. */
  async close(): Promise<void> {
    for (const task of this.waiting.splice(0)) task.resolve({ state: 'stopped' })
    await Promise.all([...this.idle.splice(0), ...this.busy.keys()].map((worker) => worker.terminate()))
  }

  private async runHere(job: RangeJob, { onBytes }: HashOptions): Promise<RangeResult> {
    try {
      return await runRangeJob(job, (count) => {
        onBytes?.(count)
        return true
      })
    } catch (error) {
      throw inOurWords(error as Error & Failure, job)
    }
  }

  /** Returns when no thread works on the job any more: its target may be removed then. */
  private async runThere(job: RangeJob, { signal, onBytes }: HashOptions): Promise<RangeResult> {
    const stop = new SharedArrayBuffer(4)
    let onAbort: (() => void) | undefined
    try {
      return await new Promise<RangeResult>((resolve, reject) => {
        const task: Task = { job, onBytes, stop, resolve, reject }
        onAbort = () => this.end(task)
        signal?.addEventListener('abort', onAbort, { once: true })
        this.waiting.push(task)
        this.dispatch()
      })
    } finally {
      if (onAbort) signal?.removeEventListener('abort', onAbort)
    }
  }

  private end(task: Task): void {
    Atomics.store(new Int32Array(task.stop), 0, 1)
    const place = this.waiting.indexOf(task)
    if (place < 0) return
    this.waiting.splice(place, 1)
    task.resolve({ state: 'stopped' })
  }

  private dispatch(): void {
    while (this.waiting.length > 0) {
      const worker = this.idle.pop() ?? (this.busy.size < this.most ? this.start() : undefined)
      if (!worker) return
      const task = this.waiting.shift()
      if (!task) return
      this.busy.set(worker, task)
      worker.ref()
      worker.postMessage({ job: task.job, stop: task.stop } satisfies WorkerRequest)
    }
  }

  private start(): Worker {
    const worker = startWorker('hash', undefined)
    worker.on('message', (reply: WorkerReply) => this.hear(worker, reply))
    worker.on('error', (error) => this.lose(worker, error))
    // Also where it was closed in the middle of a task.
    worker.on('exit', () => this.lose(worker))
    return worker
  }

  private hear(worker: Worker, reply: WorkerReply): void {
    const task = this.busy.get(worker)
    if (!task) return
    if (reply.type === 'bytes') {
      task.onBytes?.(reply.count)
      return
    }
    this.busy.delete(worker)
    worker.unref()
    this.idle.push(worker)
    if (reply.type === 'done') task.resolve(reply.result)
    else task.reject(inOurWords(Object.assign(new Error(reply.message), reply), task.job))
    this.dispatch()
  }

  private lose(worker: Worker, error?: unknown): void {
    const place = this.idle.indexOf(worker)
    if (place >= 0) this.idle.splice(place, 1)
    const task = this.busy.get(worker)
    this.busy.delete(worker)
    if (error === undefined) task?.resolve({ state: 'stopped' })
    else task?.reject(error)
    this.dispatch()
  }
}

function endsEarly({ source }: RangeJob, bytes: number): ContainerImageError {
  return new ContainerImageError('SIZE_MISMATCH', `${source.path} ends too early.`, {
    side: 'source',
    expected: `${source.size} bytes from byte ${source.offset} on`,
    found: `${bytes} bytes`,
    details: { path: source.path, bytes },
  })
}

function inOurWords(error: Error & Failure, { source, target }: RangeJob): unknown {
  if (error.isReading || !target) return fromSystem(error, `Reading ${source.path}`, 'source')
  return fromSystem(error, `Writing ${target.path}`, 'destination')
}
