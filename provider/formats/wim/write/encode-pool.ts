import { availableParallelism } from 'node:os'
import { failureOf } from '../../../io/threads/failure.js'
import { plainFailure } from '../../../io/threads/plain-failure.js'
import { Pool } from '../../../io/threads/pool.js'
import { compileEncoders, Encoders } from '../codecs/encoders.js'
import { Encoder } from './encode.js'
import type { EncodeAnswer, EncodeJob, EncodeSetup, EncodeTask } from './encode-job.js'
import { memorySize, slotPlace } from './slot-memory.js'

/** One that is filled, one that is worked on, one that is written. */
const SLOTS = 3
/** More workers than this make more than the thread that writes can take. */
const MOST_WORKERS = 8
/** What all workers' memories may take together: half of the 300 MB that a run may take. */
const MOST_MEMORY = 150e6
/**
 * A worker makes hardly anything but short-lived objects; by default they could fill 48 MB before they are
 * collected.
 */
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
  /** The worker's, from where it is free. */
  memory: Buffer
  free: number[]
}

/** Workers that read, hash and compress on all cores. Whoever makes it closes it in the end. */
export class EncodePool implements SlotEncoder {
  readonly workers: number
  private readonly pool: Pool
  private readonly members: Promise<Member[]>
  private readonly wanted: (() => void)[] = []

  constructor(
    private readonly setup: EncodeSetup,
    workers: number = workersFor(setup),
  ) {
    this.workers = workers
    const data = { module: compileEncoders(), setup, slots: SLOTS }
    this.pool = new Pool('encode-wim', { size: workers, depth: SLOTS, data, limits: WORKER_LIMITS })
    this.members = Promise.all(Array.from({ length: workers }, (_, number) => this.start(number)))
    this.members.catch(() => {})
  }

  async slot(): Promise<Slot> {
    const members = await this.members
    for (;;) {
      const member = members.reduce((a, b) => (b.free.length > a.free.length ? b : a))
      const slot = member.free.pop()
      if (slot !== undefined) return this.take(member, members.indexOf(member), slot)
      await new Promise<void>((resolve) => this.wanted.push(resolve))
    }
  }

  async close(reason?: unknown): Promise<void> {
    await this.pool.close(reason)
  }

  private async start(on: number): Promise<Member> {
    const { buffer, byteOffset, length } = await this.pool.run<Uint8Array>('memory', { on })
    const free = Array.from({ length: SLOTS }, (_, slot) => SLOTS - 1 - slot)
    return { memory: Buffer.from(buffer, byteOffset, length), free }
  }

  private take({ memory, free }: Member, worker: number, slot: number): Slot {
    const run = (job: EncodeJob): Promise<EncodeAnswer> => this.pool.run(job, { on: worker })
    return slotIn(this.setup, { memory, slot, worker }, run, () => {
      free.push(slot)
      this.wanted.shift()?.()
    })
  }
}

function slotIn(
  setup: EncodeSetup,
  { memory, slot, worker }: { memory: Buffer; slot: number; worker: number },
  run: (job: EncodeJob) => Promise<EncodeAnswer>,
  release: () => void,
): Slot {
  const at = slotPlace(setup, slot)
  return {
    input: memory.subarray(at.inputAt, at.inputAt + setup.unitSize),
    output: memory.subarray(at.outputAt),
    worker,
    run: (task) => {
      const answer = run({ ...task, ...at })
      // Answers are waited for in their order: a failure is met there, never unhandled.
      answer.catch(() => {})
      return answer
    },
    release,
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
    const memory = this.encoders.bytes.subarray(this.encoders.base)
    const run = (job: EncodeJob): Promise<EncodeAnswer> => this.run(job)
    return slotIn(this.setup, { memory, slot: 0, worker: 0 }, run, () => {
      this.free = true
      this.wanted.shift()?.()
    })
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
