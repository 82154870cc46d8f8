import type { Worker } from 'node:worker_threads'
import { ContainerImageError, interrupted, throwIfAborted } from '../../../manifests/index.js'
import { fromSystem } from '../../io/files/system-errors.js'
import { startWorker } from '../../io/threads/start-worker.js'
import { compileKernel } from './kernel/compile.js'
import { SharedState } from './shared-state.js'
import type { Answers, Failure, RawSegment, Reply, Task, TaskData } from './task.js'

export interface TaskOptions {
  onBytes?: ((count: number) => void) | undefined
  onSegment?: (segment: RawSegment) => void
}

/** The threads of one job: where one fails, all stop. Whoever makes it closes it in the end. */
export class Threads {
  readonly state: SharedState
  private readonly workers = new Set<Promise<unknown>>()
  private readonly kernel = compileKernel()
  private failure: unknown
  private readonly halt = (): void => this.fail(interrupted(this.signal?.reason))

  /** @param streams how many are written while others read them */
  constructor(
    streams: number,
    private readonly signal?: AbortSignal,
  ) {
    throwIfAborted(signal)
    this.state = SharedState.forStreams(streams)
    signal?.addEventListener('abort', this.halt, { once: true })
  }

  /** @throws what the first thread that failed says; INTERRUPTED */
  run<T extends Task>(task: T, options: TaskOptions = {}): Promise<Answers[T['type']]> {
    const workerData: TaskData = { task, state: this.state.buffer as SharedArrayBuffer, kernel: this.kernel }
    const worker = startWorker('delta', workerData)
    const gone = new Promise((resolve) => worker.once('exit', resolve))
    this.workers.add(gone)
    gone.then(() => this.workers.delete(gone))
    const answer = this.answer(worker, options) as Promise<Answers[T['type']]>
    // It is met where it is waited for; another thread may have failed before.
    answer.catch(() => {})
    return answer
  }

  fail(error: unknown): void {
    this.failure ??= error
    this.state.stop()
  }

  /** Returns when no thread works on a file any more. */
  async close(): Promise<void> {
    this.signal?.removeEventListener('abort', this.halt)
    this.state.stop()
    await Promise.all(this.workers)
  }

  private answer(worker: Worker, { onBytes, onSegment }: TaskOptions): Promise<Answers[keyof Answers]> {
    return new Promise((resolve, reject) => {
      let answered = false
      const lose = (error: unknown): void => {
        answered = true
        this.fail(error)
        reject(this.failure)
      }
      worker.on('message', (reply: Reply) => {
        if (reply.type === 'bytes') onBytes?.(reply.count)
        else if (reply.type === 'segment') onSegment?.(reply.segment)
        else if (reply.type === 'failed') lose(inOurWords(reply.failure))
        else {
          answered = true
          if (this.failure === undefined) resolve(reply.answer)
          else reject(this.failure)
        }
      })
      worker.on('error', lose)
      worker.on('exit', () => {
        if (!answered) lose(new Error('a thread ended without an answer'))
      })
    })
  }
}

function inOurWords({ message, code, trouble, facts, what, side, stopped }: Failure): unknown {
  if (stopped) return interrupted()
  if (trouble) return new ContainerImageError(trouble, message, facts)
  return fromSystem(Object.assign(new Error(message), { code }), what ?? 'Working', side)
}
