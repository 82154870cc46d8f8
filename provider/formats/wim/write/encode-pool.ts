import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { interrupted } from '../../../../manifests/index.js'
import { failureOf } from '../../../io/threads/failure.js'
import { type PlainFailure, plainFailure } from '../../../io/threads/plain-failure.js'
import { startWorker } from '../../../io/threads/start-worker.js'
import { compileEncoders, Encoders } from '../codecs/encoders.js'
import { Encoder } from './encode.js'
import type { EncodeAnswer, EncodeJob, EncodeReply, EncodeSetup, EncodeTask } from './encode-job.js'
import { memorySize, slotPlace } from './slot-memory.js'

/** One that is filled, one that is worked on, one that is written. */
const SLOTS = 3
/** More workers than this make more than the thread that writes can take. */
const MOST_WORKERS = 8
/** What all workers' memories may have together: of the 300 MB that a run may take, half. */
const MOST_MEMORY = 150e6
/** A worker makes little but short-lived objects; by default they could fill 48 MB before they are cleared. */
const WORKER_LIMITS = { maxYoungGenerationSizeMb: 6 }

/** A piece of a worker's memory, to be filled, worked on, written from and released. */
export interface Slot {
  readonly input: Buffer
  readonly output: Buffer
  /** Which worker's memory it is. */
  readonly worker: number
  run(task: EncodeTask): Promise<EncodeAnswer>
  release(): void
}

/** Something that encodes: workers, or the thread that asks. */
export interface SlotEncoder {
  readonly workers: number
  /** Resolves as soon as one is free. */
  slot(): Promise<Slot>
  close(reason?: unknown): Promise<void>
}

interface Member {
  worker: Worker
  number: number
  memory: Buffer
  base: number
  free: number[]
}

interface Waiting {
  resolve(answer: EncodeAnswer): void
  reject(error: unknown): void
}

/** Workers that read, hash and compress on all cores. Whoever makes it closes it in the end. */
export class EncodePool implements SlotEncoder {
  readonly workers: number
  private readonly members: Member[] = []
  private readonly ready: Promise<unknown>
  private readonly waiting = new Map<number, Waiting>()
  private readonly wanted: (() => void)[] = []
  private failure: unknown
  private nextId = 1

  constructor(
    private readonly setup: EncodeSetup,
    workers: number = workersFor(setup),
  ) {
    this.workers = workers
    const module = compileEncoders()
    this.ready = Promise.all(Array.from({ length: workers }, (_, number) => this.start(number, module)))
    this.ready.catch((error) => this.fail(error))
  }

  async slot(): Promise<Slot> {
    await this.ready
    for (;;) {
      if (this.failure !== undefined) throw this.failure
      const member = this.members.reduce((a, b) => (b.free.length > a.free.length ? b : a))
      const slot = member.free.pop()
      if (slot !== undefined) return this.take(member, slot)
      await new Promise<void>((resolve) => this.wanted.push(resolve))
    }
  }

  async close(reason?: unknown): Promise<void> {
    this.fail(interrupted(reason))
    await this.ready.catch(() => {})
    await Promise.all(this.members.map(({ worker }) => worker.terminate()))
  }

  private take(member: Member, slot: number): Slot {
    const { inputAt, outputAt } = slotPlace(this.setup, slot)
    const at = { inputAt: member.base + inputAt, outputAt: member.base + outputAt }
    return {
      input: member.memory.subarray(at.inputAt, at.inputAt + this.setup.unitSize),
      output: member.memory.subarray(at.outputAt),
      worker: member.number,
      run: (task) => {
        const answer = new Promise<EncodeAnswer>((resolve, reject) => {
          const id = this.nextId++
          if (this.failure !== undefined) throw this.failure
          this.waiting.set(id, { resolve, reject })
          member.worker.postMessage({ ...task, id, ...at })
        })
        // Answers are waited for in their order: a failure is met there, never unhandled.
        answer.catch(() => {})
        return answer
      },
      release: () => {
        member.free.push(slot)
        this.wanted.shift()?.()
      },
    }
  }

  private start(number: number, module: WebAssembly.Module): Promise<void> {
    const worker = startWorker('encode-wim', { module, setup: this.setup, slots: SLOTS }, WORKER_LIMITS)
    const member: Member = { worker, number, memory: Buffer.alloc(0), base: 0, free: [] }
    this.members.push(member)
    worker.on('error', (error) => this.fail(error))
    return new Promise((resolve, reject) => {
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('a worker ended before its work')))
      worker.once('message', (hello: { base: number; memory: SharedArrayBuffer }) => {
        member.memory = Buffer.from(hello.memory)
        member.base = hello.base
        member.free = Array.from({ length: SLOTS }, (_, slot) => SLOTS - 1 - slot)
        worker.on('message', (reply: EncodeReply) => this.receive(reply))
        resolve()
      })
    })
  }

  private receive(reply: EncodeReply): void {
    const waiting = this.waiting.get(reply.id)
    this.waiting.delete(reply.id)
    if ('failure' in reply) waiting?.reject(failureOf(reply.failure as PlainFailure))
    else waiting?.resolve(reply.answer)
  }

  private fail(error: unknown): void {
    this.failure ??= error
    for (const { reject } of this.waiting.values()) reject(this.failure)
    this.waiting.clear()
    for (const wake of this.wanted.splice(0)) wake()
  }
}

/** As many as there are cores, fewer where large chunks make each of them large. */
function workersFor(setup: EncodeSetup): number {
  const scratch = setup.compression === 'lzx' ? 10 * setup.chunkSize : 0
  const most = Math.floor(MOST_MEMORY / (memorySize(setup, SLOTS) + scratch))
  return Math.max(1, Math.min(MOST_WORKERS, availableParallelism(), most))
}

/** Encodes in the thread that asks: for a small WIM a worker would take longer to start. */
export class LocalEncoder implements SlotEncoder {
  readonly workers = 1
  private readonly encoders: Encoders
  private readonly encoder: Encoder
  private free = true
  private readonly wanted: (() => void)[] = []

  constructor(private readonly setup: EncodeSetup) {
    const window = setup.compression === 'lzx' ? setup.chunkSize : undefined
    this.encoders = new Encoders(compileEncoders(), memorySize(setup, 1), window)
    this.encoder = new Encoder(this.encoders, setup)
  }

  async slot(): Promise<Slot> {
    while (!this.free) await new Promise<void>((resolve) => this.wanted.push(resolve))
    this.free = false
    const { bytes, base } = this.encoders
    const place = slotPlace(this.setup, 0)
    const at = { inputAt: base + place.inputAt, outputAt: base + place.outputAt }
    return {
      input: bytes.subarray(at.inputAt, at.inputAt + this.setup.unitSize),
      output: bytes.subarray(at.outputAt),
      worker: 0,
      run: (task) => {
        const answer = this.run({ ...task, id: 0, ...at })
        answer.catch(() => {})
        return answer
      },
      release: () => {
        this.free = true
        this.wanted.shift()?.()
      },
    }
  }

  async close(): Promise<void> {
    this.encoder.close()
  }

  private async run(job: EncodeJob): Promise<EncodeAnswer> {
    try {
      return this.encoder.run(job)
    } catch (error) {
      throw failureOf(plainFailure(error))
    }
  }
}
