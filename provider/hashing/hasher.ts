import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { interrupted } from '../../manifests/index.js'
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
  options: HashOptions
  resolve(result: RangeResult): void
  reject(error: unknown): void
}

/**
 * Hashes, and copies, ranges of files on all cores. Small ranges are done at once on the calling thread.
 * Close it when the work is over.
 */
export class Hasher {
  private readonly stop = new SharedArrayBuffer(4)
  private readonly idle: Worker[] = []
  private readonly waiting: Task[] = []
  private readonly busy = new Map<Worker, Task>()
  private readonly most: number

  constructor(workers = Math.min(MOST_WORKERS, availableParallelism())) {
    this.most = workers
  }

  /**
   * @throws INTERRUPTED; the system's errors in our words, with the side on which they happened
   */
  async run(job: RangeJob, options: HashOptions = {}): Promise<RangeResult> {
    if (options.signal?.aborted) throw interrupted(options.signal.reason)
    if (job.source.size <= SMALL_BYTES) return this.runHere(job, options)
    const stop = (): void => {
      Atomics.store(new Int32Array(this.stop), 0, 1)
    }
    options.signal?.addEventListener('abort', stop, { once: true })
    try {
      const result = await new Promise<RangeResult>((resolve, reject) => {
        this.waiting.push({ job, options, resolve, reject })
        this.dispatch()
      })
      if (options.signal?.aborted) throw interrupted(options.signal.reason)
      return result
    } finally {
      options.signal?.removeEventListener('abort', stop)
    }
  }

  async close(): Promise<void> {
    Atomics.store(new Int32Array(this.stop), 0, 1)
    await Promise.all([...this.idle.splice(0), ...this.busy.keys()].map((worker) => worker.terminate()))
  }

  private runHere(job: RangeJob, options: HashOptions): RangeResult {
    try {
      return runRangeJob(job, (count) => {
        options.onBytes?.(count)
        return true
      })
    } catch (error) {
      throw inOurWords(error as Error & Failure, job)
    }
  }

  private dispatch(): void {
    while (this.waiting.length > 0) {
      const worker = this.idle.pop() ?? (this.busy.size < this.most ? this.start() : undefined)
      if (!worker) return
      const task = this.waiting.shift()
      if (!task) return
      this.busy.set(worker, task)
      worker.ref()
      worker.postMessage({ job: task.job } satisfies WorkerRequest)
    }
  }

  private start(): Worker {
    const worker = startWorker('hash', { stop: this.stop })
    worker.on('message', (reply: WorkerReply) => this.hear(worker, reply))
    worker.on('error', (error) => this.lose(worker, error))
    return worker
  }

  private hear(worker: Worker, reply: WorkerReply): void {
    const task = this.busy.get(worker)
    if (!task) return
    if (reply.type === 'bytes') {
      task.options.onBytes?.(reply.count)
      return
    }
    this.busy.delete(worker)
    worker.unref()
    this.idle.push(worker)
    if (reply.type === 'done') task.resolve(reply.result)
    else task.reject(inOurWords(Object.assign(new Error(reply.message), reply), task.job))
    this.dispatch()
  }

  private lose(worker: Worker, error: unknown): void {
    const task = this.busy.get(worker)
    this.busy.delete(worker)
    task?.reject(error)
    this.dispatch()
  }
}

function inOurWords(error: Error & Failure, { source, target }: RangeJob): unknown {
  if (error.isReading || !target) return fromSystem(error, `Reading ${source.path}`, 'source')
  return fromSystem(error, `Writing ${target.path}`, 'destination')
}
