import { throwIfAborted } from '../../../manifests/index.js'
import { Pool, type TaskOptions } from '../../io/threads/pool.js'
import { compileKernel } from './kernel/compile.js'
import { SharedState } from './shared-state.js'
import type { Answers, RawSegment, Task, TaskOnThread } from './task.js'

/** As many as wait for each other: one writes a stream, another reads it. */
const THREADS = 2

/** The threads of one job. Whoever makes it closes it, even if one of them failed: that ends the others. */
export class Threads {
  readonly state: SharedState
  private readonly pool = new Pool('delta', {
    size: THREADS,
    data: { kernel: compileKernel() },
    isFresh: true,
  })
  private failure: unknown

  /** @param streams how many are written while others read them */
  constructor(
    streams: number,
    private readonly signal?: AbortSignal,
  ) {
    throwIfAborted(signal)
    this.state = new SharedState(SharedState.cellsFor(streams))
  }

  /** @throws the thread's error; INTERRUPTED */
  run<T extends Task>(task: T, options: TaskOptions<RawSegment> = {}): Promise<Answers[T['type']]> {
    const order: TaskOnThread = { ...task, cells: this.state.cells }
    const answer = this.pool.run<Answers[T['type']], RawSegment>(order, { ...options, signal: this.signal })
    const told = answer.catch((error) => {
      throw this.failure ?? error
    })
    // It is caught where it is awaited; another thread may have failed before.
    told.catch(() => {})
    return told
  }

  /** Ends everything that is in progress, for this reason. */
  fail(error: unknown): void {
    this.failure ??= error
    void this.close()
  }

  /** Returns when no thread is working on a file any more. */
  async close(): Promise<void> {
    await this.pool.close()
  }
}
