import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { ContainerImageError, interrupted } from '../../../../manifests/index.js'
import { failureOf } from '../../../io/threads/failure.js'
import { startWorker } from '../../../io/threads/start-worker.js'
import { align, compileDecoders, SLACK } from '../codecs/decoders.js'
import type { DecodeJob, JobAnswer } from './decode-job.js'
import { UNIT_SIZE, type Unit } from './stream-plan.js'
import type { Decoded, Orders, UnitDecoder } from './unit-decoder.js'

/** How many small units one worker may hold: one that is read, one that is made, one in between. */
const SLOTS = 3
const SLOT_SIZE = UNIT_SIZE + SLACK
/**
 * Up to this many bytes for one unit every worker may take it; what needs more goes to the first worker
 * only. A chunk of 64 MiB and its usual stored size are below it, so that two workers stay below 200 MiB
 * and the whole process below 300.
 */
const SHARED_LIMIT = 96 << 20
/** More workers would not take more memory than this for large units. */
const LARGE_WORKERS = 2

interface Member {
  worker: Worker
  number: number
  /** Where its memory is free. */
  base: number
  ready: Promise<void>
  /** The slots in use: a large unit takes all. */
  used: Set<number>
}

interface Waiting {
  member: Member
  resolve(answer: Extract<JobAnswer, { memory: SharedArrayBuffer }>): void
  reject(error: unknown): void
}

/** Workers that expand units. Whoever makes it closes it in the end. */
export class DecodePool implements UnitDecoder {
  private readonly members: Member[]
  private readonly waiting = new Map<number, Waiting>()
  private readonly freed: (() => void)[] = []
  private failure: unknown
  private nextId = 1

  constructor(workers: number = availableParallelism()) {
    const module = compileDecoders()
    this.members = Array.from({ length: Math.max(1, Math.floor(workers)) }, (_, number) =>
      this.start(number, module),
    )
  }

  async submit(unit: Unit, orders: Orders): Promise<{ done: Promise<Decoded> }> {
    for (;;) {
      if (this.failure !== undefined) throw this.failure
      const place = this.place(unit)
      if (place) {
        const done = this.run(place.member, place.slots, place.slot, unit, orders)
        // Whoever submits many waits for them in order: a failure is met there, never unhandled.
        done.catch(() => {})
        return { done }
      }
      await new Promise<void>((resolve) => this.freed.push(resolve))
    }
  }

  hasRoom(unit: Unit): boolean {
    return this.failure !== undefined || this.place(unit) !== undefined
  }

  async close(reason?: unknown): Promise<void> {
    this.fail(interrupted(reason))
    await Promise.all(this.members.map(({ worker }) => worker.terminate()))
  }

  private start(number: number, module: WebAssembly.Module): Member {
    // A worker makes little but short-lived objects; by default they could fill 48 MB before they are cleared.
    const worker = startWorker('decode-wim', { module }, { maxYoungGenerationSizeMb: 6 })
    worker.unref()
    const member: Member = { worker, number, base: 0, ready: Promise.resolve(), used: new Set() }
    member.ready = new Promise((resolve, reject) => {
      worker.once('message', (hello: { base: number }) => {
        member.base = hello.base
        worker.on('message', (answer: JobAnswer) => this.receive(answer))
        resolve()
      })
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('a worker ended before its work')))
    })
    member.ready.catch((error) => this.fail(error))
    worker.on('error', (error) => this.fail(error))
    return member
  }

  /** The worker with the most room, and the slots that the unit takes. */
  private place(unit: Unit): { member: Member; slots: number[]; slot: number } | undefined {
    if (isSmall(unit)) {
      const member = this.members.reduce((a, b) => (b.used.size < a.used.size ? b : a))
      const slot = [0, 1, 2].find((one) => !member.used.has(one))
      return slot === undefined ? undefined : { member, slots: [slot], slot }
    }
    const among = this.members.slice(0, unit.size + unit.stored > SHARED_LIMIT ? 1 : LARGE_WORKERS)
    const member = among.find(({ used }) => used.size === 0)
    return member && { member, slots: [0, 1, 2], slot: 0 }
  }

  private async run(
    member: Member,
    slots: number[],
    slot: number,
    unit: Unit,
    orders: Orders,
  ): Promise<Decoded> {
    for (const one of slots) member.used.add(one)
    await member.ready
    if (this.failure !== undefined) throw this.failure
    const output = member.base + slot * align(SLOT_SIZE)
    const input = isSmall(unit)
      ? member.base + SLOTS * align(SLOT_SIZE)
      : align(member.base + unit.size + SLACK)
    const id = this.nextId++
    const job: DecodeJob = { ...unit.task, id, fd: unit.part.handle.fd, output, input, ...orders }
    const answer = await new Promise<Extract<JobAnswer, { memory: SharedArrayBuffer }>>((resolve, reject) => {
      this.waiting.set(id, { member, resolve, reject })
      member.worker.ref()
      member.worker.postMessage(job)
    })
    return {
      unit,
      bytes: Buffer.from(answer.memory, output, unit.size),
      faults: answer.faults,
      mismatches: answer.mismatches,
      release: () => {
        for (const one of slots) member.used.delete(one)
        for (const wake of this.freed.splice(0)) wake()
      },
    }
  }

  private receive(answer: JobAnswer): void {
    const waiting = this.waiting.get(answer.id)
    if (!waiting) return
    this.waiting.delete(answer.id)
    if (![...this.waiting.values()].some((one) => one.member === waiting.member))
      waiting.member.worker.unref()
    if ('failure' in answer) waiting.reject(inOurWords(failureOf(answer.failure)))
    else waiting.resolve(answer)
  }

  private fail(error: unknown): void {
    this.failure ??= error
    for (const { reject } of this.waiting.values()) reject(this.failure)
    this.waiting.clear()
    for (const wake of this.freed.splice(0)) wake()
  }
}

function isSmall(unit: Unit): boolean {
  return unit.size <= UNIT_SIZE && unit.stored <= 2 * UNIT_SIZE
}

function inOurWords(cause: unknown): unknown {
  if (cause instanceof RangeError)
    return new ContainerImageError(
      'UNEXPECTED',
      'There is not enough memory to expand a chunk of this WIM.',
      {
        cause,
        remedy: 'Close other programs, or export the WIM with smaller chunks.',
      },
    )
  return cause
}
