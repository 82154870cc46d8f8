import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { interrupted, throwIfAborted } from '../../manifests/index.js'
import { fromSystem } from '../io/files/system-errors.js'
import { startWorker } from '../io/threads/start-worker.js'
import type { Answers, Failure, Order, Reply } from './order.js'

/** More would wait for the memory, not for a processor. */
const MOST_WORKERS = 16

interface Task {
  order: Order
  resolve(answer: never): void
  reject(error: unknown): void
}

interface Member {
  /** Started with its first task: small sets need one or none. */
  worker: Worker | undefined
  task: Task | undefined
  /** What only this one can do, as it keeps something from an earlier order. */
  own: Task[]
}

/** Workers for hashes and rows. Whoever makes it closes it in the end. */
export class Crew {
  private readonly stop = new Int32Array(new SharedArrayBuffer(4))
  private readonly members: Member[]
  private readonly waiting: Task[] = []
  private failure: unknown
  private readonly halt = (): void => {
    Atomics.store(this.stop, 0, 1)
  }

  constructor(
    private readonly signal?: AbortSignal,
    workers = Math.min(MOST_WORKERS, availableParallelism()),
  ) {
    throwIfAborted(signal)
    signal?.addEventListener('abort', this.halt, { once: true })
    this.members = Array.from({ length: workers }, () => ({ worker: undefined, task: undefined, own: [] }))
  }

  get size(): number {
    return this.members.length
  }

  /**
   * Has an order carried out by whoever is free.
   * @throws INTERRUPTED; the system's errors in our words
   */
  run<O extends Order>(order: O): Promise<Answers[O['type']]> {
    return this.submit(order, this.waiting)
  }

  /** Has an order carried out by one certain worker. */
  runOn<O extends Order>(number: number, order: O): Promise<Answers[O['type']]> {
    return this.submit(order, this.members[number % this.size]?.own ?? this.waiting)
  }

  /** Has every worker carry out an order at the same time. */
  all<O extends Order>(orderFor: (number: number) => O): Promise<Answers[O['type']][]> {
    return Promise.all(this.members.map((_, number) => this.runOn(number, orderFor(number))))
  }

  async close(): Promise<void> {
    this.halt()
    this.signal?.removeEventListener('abort', this.halt)
    // Each ends its order first: none may still write to a file that is removed next.
    await Promise.all(this.members.map((member) => this.end(member)))
  }

  private async end({ worker, task }: Member): Promise<void> {
    if (task) await new Promise((resolve) => worker?.once('message', resolve).once('exit', resolve))
    await worker?.terminate()
  }

  private submit<O extends Order>(order: O, queue: Task[]): Promise<Answers[O['type']]> {
    return new Promise((resolve, reject) => {
      if (this.signal?.aborted) reject(interrupted(this.signal.reason))
      else if (this.failure !== undefined) reject(this.failure)
      else {
        queue.push({ order, resolve, reject })
        this.dispatch()
      }
    })
  }

  private start(member: Member): Worker {
    const workerData = { stop: this.stop.buffer }
    const worker = startWorker('recovery', workerData)
    worker.on('message', (reply: Reply) => this.hear(member, reply))
    worker.on('error', (error) => this.lose(error))
    // Whoever closes the crew does not wait for what no longer lives.
    worker.on('exit', () => {
      member.task = undefined
    })
    return worker
  }

  private dispatch(): void {
    for (const member of this.members) {
      if (member.task) continue
      member.task = member.own.shift() ?? this.waiting.shift()
      if (!member.task) continue
      member.worker ??= this.start(member)
      member.worker.ref()
      member.worker.postMessage(member.task.order)
    }
  }

  private hear(member: Member, reply: Reply): void {
    const task = member.task
    member.task = undefined
    member.worker?.unref()
    if ('answer' in reply) task?.resolve(reply.answer as never)
    else task?.reject(this.inWords(reply.failure))
    if (this.signal?.aborted) this.lose(interrupted(this.signal.reason))
    else this.dispatch()
  }

  private inWords({ message, code, what, side }: Failure): unknown {
    if (this.signal?.aborted) return interrupted(this.signal.reason)
    return fromSystem(Object.assign(new Error(message), { code }), what ?? 'Working', side)
  }

  /** Nothing more is begun; what waits is told so. */
  private lose(error: unknown): void {
    this.failure ??= error
    const waiting = [this.waiting, ...this.members.map(({ own }) => own)]
    for (const task of waiting.flatMap((queue) => queue.splice(0))) task.reject(this.failure)
    for (const { task } of this.members) task?.reject(this.failure)
  }
}
