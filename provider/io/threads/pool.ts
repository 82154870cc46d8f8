import { type ResourceLimits, type TransferListItem, Worker } from 'node:worker_threads'
import { interrupted } from '../../../manifests/index.js'
import { pause } from '../pause.js'
import { failureOf } from './failure.js'
import type { Order, Reply } from './serve.js'
import { WORKER_PROGRAMS, type WorkerName } from './worker-programs.js'

/**
 * How long to wait for a task that was told to stop, and how often to check; after that a stuck worker is
 * killed.
 */
const STOP_MS = 200
const LOOK_MS = 2

export interface PoolOptions {
  /** The most workers; each is started when a task needs it. */
  size: number
  /** How many tasks a worker is handed at once, so that it need not wait for the next; 1 where left out. */
  depth?: number
  /** What each worker finds as `workerData`. */
  data?: unknown
  limits?: ResourceLimits
  /** Each task has its own worker, which ends with it: for tasks that leave much behind in memory. */
  isFresh?: boolean
}

export interface TaskOptions<Note = unknown> {
  /** Stops this task and no other. */
  signal?: AbortSignal | undefined
  /** Buffers that are handed over and not copied. */
  transfer?: TransferListItem[]
  /** The number of the worker that has to do it, because of what it keeps from an earlier task. */
  on?: number | undefined
  /** So many bytes were worked on since the last call. */
  onBytes?: ((count: number) => void) | undefined
  /** What the worker says in the middle of the task. */
  onNote?: ((note: Note) => void) | undefined
}

interface Task {
  order: Order
  options: TaskOptions<never>
  resolve(answer: never): void
  reject(error: unknown): void
}

interface Member {
  worker?: Worker
  /** By their numbers, in the order in which they were handed over. */
  running: Map<number, Task>
  /**
   * Why a worker in this place died. What it kept is gone: no task that relies on that is done here any more.
   */
  lost?: Error
}

/**
 * Workers for one program, which do not keep the process alive while they are idle. The code that makes a
 * pool also closes it.
 */
export class Pool {
  readonly size: number
  private readonly members: Member[]
  private readonly waiting: Task[] = []
  /** How many tasks a signal has here. */
  private readonly tasksOf = new Map<AbortSignal, number>()
  private readonly onAbort = ({ target }: Event): void => this.stop(target as AbortSignal)
  private closed: { reason: unknown } | undefined
  private lastId = 0

  constructor(
    private readonly program: WorkerName,
    private readonly options: PoolOptions,
  ) {
    this.size = Math.max(1, Math.floor(options.size))
    this.members = Array.from({ length: this.size }, () => ({ running: new Map() }))
  }

  /**
   * Has a task done. Once it has begun, the promise settles when no thread works on it any more.
   * @throws INTERRUPTED where the signal stops it or the pool is closed; what the task threw, with its code and side;
   * an error that names the program if the worker died
   */
  async run<Answer, Note = unknown>(work: unknown, options: TaskOptions<Note> = {}): Promise<Answer> {
    const { signal } = options
    if (this.closed) throw interrupted(this.closed.reason)
    if (signal?.aborted) throw interrupted(signal.reason)
    const stop = new Int32Array(new SharedArrayBuffer(4))
    const order = { id: ++this.lastId, work, stop }
    this.listen(signal, 1)
    try {
      return await new Promise<Answer>((resolve, reject) => {
        this.waiting.push({ order, options, resolve, reject })
        this.dispatch()
      })
    } finally {
      this.listen(signal, -1)
    }
  }

  /** Ends all work, even in the middle of it; anyone waiting for a task gets INTERRUPTED, with the reason. */
  async close(reason?: unknown): Promise<void> {
    this.closed ??= { reason }
    for (const task of this.waiting.splice(0)) task.reject(interrupted(reason))
    await Promise.all(this.members.map((member) => this.end(member)))
  }

  /**
   * Lets a task that checks its flag finish first: Node aborts the whole process if a thread is terminated
   * between the creation of a zlib stream and its first use (node_zlib.cc, "close before init").
   */
  private async end(member: Member): Promise<void> {
    for (const { order } of member.running.values()) Atomics.store(order.stop, 0, 1)
    const until = performance.now() + STOP_MS
    while (member.running.size > 0 && performance.now() < until) await pause(LOOK_MS)
    await member.worker?.terminate()
  }

  /** Once for all tasks of a signal: Node warns of more than ten listeners. */
  private listen(signal: AbortSignal | undefined, more: 1 | -1): void {
    if (!signal) return
    const before = this.tasksOf.get(signal) ?? 0
    if (before === 0) signal.addEventListener('abort', this.onAbort)
    if (before + more > 0) this.tasksOf.set(signal, before + more)
    else {
      this.tasksOf.delete(signal)
      signal.removeEventListener('abort', this.onAbort)
    }
  }

  /** A task that nobody has begun ends at once; another one when its worker has seen the flag. */
  private stop(signal: AbortSignal): void {
    const isOfSignal = (task: Task): boolean => task.options.signal === signal
    for (const { running } of this.members)
      for (const task of running.values()) if (isOfSignal(task)) Atomics.store(task.order.stop, 0, 1)
    for (const task of this.waiting.filter(isOfSignal)) {
      this.waiting.splice(this.waiting.indexOf(task), 1)
      task.reject(interrupted(signal.reason))
    }
  }

  private dispatch(): void {
    for (let i = 0; i < this.waiting.length && this.freest(this.members); ) {
      const task = this.waiting[i] as Task
      const { on } = task.options
      const member = this.freest(on === undefined ? this.members : this.members.slice(on, on + 1))
      if (!member) i++
      else {
        this.waiting.splice(i, 1)
        if (on !== undefined && member.lost) task.reject(member.lost)
        else this.begin(member, task)
      }
    }
  }

  /**
   * The worker with the least to do, preferring one that is already started. Undefined if all have enough.
   */
  private freest(members: Member[]): Member | undefined {
    let best: Member | undefined
    for (const member of members) {
      const { size } = member.running
      if (size >= (this.options.depth ?? 1)) continue
      if (!best || size < best.running.size || (size === best.running.size && !best.worker)) best = member
    }
    return best
  }

  private begin(member: Member, task: Task): void {
    try {
      member.worker ??= this.start(member)
      member.worker.postMessage(task.order, task.options.transfer)
    } catch (error) {
      task.reject(error)
      return
    }
    if (member.running.size === 0) member.worker.ref()
    member.running.set(task.order.id, task)
  }

  /** A worker loads its own program and nothing else of the tool. */
  private start(member: Member): Worker {
    const program = WORKER_PROGRAMS[this.program]
    const worker = new Worker(program, {
      workerData: this.options.data,
      eval: typeof program === 'string',
      resourceLimits: this.options.limits,
    })
    let cause: unknown
    worker.unref()
    worker.on('message', (reply: Reply) => this.hear(member, reply))
    worker.on('error', (error) => {
      cause = error
    })
    worker.on('exit', (code) => {
      if (member.worker === worker) this.lose(member, cause ?? `exit code ${code}`)
    })
    return worker
  }

  private hear(member: Member, reply: Reply): void {
    const task = member.running.get(reply.id)
    if (!task) return
    const { signal, onBytes, onNote } = task.options
    if ('bytes' in reply) onBytes?.(reply.bytes)
    else if ('note' in reply) onNote?.(reply.note as never)
    else {
      member.running.delete(reply.id)
      if (member.running.size === 0) this.rest(member)
      if (signal?.aborted) task.reject(interrupted(signal.reason))
      else if (!('failure' in reply)) task.resolve(reply.answer as never)
      else task.reject(this.closed ? interrupted(this.closed.reason) : failureOf(reply.failure))
      this.dispatch()
    }
  }

  private rest(member: Member): void {
    // Closing the pool waits for its workers to end, and nothing else may keep the process alive.
    if (this.closed) return
    member.worker?.unref()
    if (!this.options.isFresh) return
    void member.worker?.terminate()
    member.worker = undefined
  }

  /** Another worker takes the place of one that ended. */
  private lose(member: Member, cause: unknown): void {
    const what = cause instanceof Error ? cause.message : cause
    member.lost = new Error(`The thread "${this.program}" ended before its task: ${what}.`, { cause })
    member.worker = undefined
    const tasks = [...member.running.values()]
    member.running.clear()
    for (const task of tasks) task.reject(this.closed ? interrupted(this.closed.reason) : member.lost)
    this.dispatch()
  }
}
