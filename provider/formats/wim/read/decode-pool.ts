import { availableParallelism } from 'node:os'
import { ContainerImageError } from '../../../../manifests/index.js'
import { Pool } from '../../../io/threads/pool.js'
import { align, compileDecoders, SLACK } from '../codecs/decoders.js'
import type { DecodeJob, JobAnswer } from './decode-job.js'
import { UNIT_SIZE, type Unit } from './stream-plan.js'
import type { Decoded, Orders, UnitDecoder } from './unit-decoder.js'

/** How many small units one worker may hold: one being read, one being written, one in between. */
const SLOTS = [0, 1, 2] as const
const SLOT_SIZE = UNIT_SIZE + SLACK
/**
 * Up to this many bytes for one unit every worker may take it; what needs more goes to the first worker
 * only. A chunk of 64 MiB and its usual stored size are below it, so that two workers stay below 200 MiB
 * and the whole process below 300.
 */
const SHARED_LIMIT = 96 << 20
/** More workers would not take more memory than this for large units. */
const LARGE_WORKERS = 2

interface Place {
  /** The worker, and what of its memory is taken. */
  on: number
  used: Set<number>
  slots: readonly number[]
}

/** Workers that expand units. Whoever makes it closes it in the end. */
export class DecodePool implements UnitDecoder {
  private readonly pool: Pool
  /** The slots in use of each worker: a large unit takes all. */
  private readonly used: Set<number>[]
  private readonly freed: (() => void)[] = []

  constructor(workers: number = availableParallelism()) {
    const data = { module: compileDecoders() }
    // A worker makes hardly anything but short-lived objects; by default they could fill 48 MB before they
    // are collected.
    const limits = { maxYoungGenerationSizeMb: 6 }
    this.pool = new Pool('decode-wim', { size: workers, depth: SLOTS.length, data, limits })
    this.used = Array.from({ length: this.pool.size }, () => new Set())
  }

  async submit(unit: Unit, orders: Orders): Promise<{ done: Promise<Decoded> }> {
    for (;;) {
      const place = this.place(unit)
      if (place) {
        const done = this.run(place, unit, orders)
        // Callers that submit many wait for them in order: a failure shows up there, and is never unhandled.
        done.catch(() => {})
        return { done }
      }
      await new Promise<void>((resolve) => this.freed.push(resolve))
    }
  }

  hasRoom(unit: Unit): boolean {
    return this.place(unit) !== undefined
  }

  async close(reason?: unknown): Promise<void> {
    await this.pool.close(reason)
  }

  /** The worker with the most room, and the slots that the unit takes. */
  private place(unit: Unit): Place | undefined {
    const among = isSmall(unit) ? this.used : this.used.slice(0, isHuge(unit) ? 1 : LARGE_WORKERS)
    const used = among.reduce((a, b) => (b.size < a.size ? b : a))
    if (used.size > (isSmall(unit) ? SLOTS.length - 1 : 0)) return undefined
    const free = SLOTS.filter((slot) => !used.has(slot))
    return { on: this.used.indexOf(used), used, slots: isSmall(unit) ? free.slice(0, 1) : free }
  }

  private async run({ on, used, slots }: Place, unit: Unit, orders: Orders): Promise<Decoded> {
    for (const slot of slots) used.add(slot)
    const release = (): void => {
      for (const slot of slots) used.delete(slot)
      for (const wake of this.freed.splice(0)) wake()
    }
    const output = (slots[0] ?? 0) * align(SLOT_SIZE)
    const input = isSmall(unit) ? SLOTS.length * align(SLOT_SIZE) : align(unit.size + SLACK)
    const job: DecodeJob = { ...unit.task, fd: unit.part.handle.fd, output, input, ...orders }
    try {
      const { memory, faults, mismatches } = await this.pool.run<JobAnswer>(job, { on })
      const bytes = Buffer.from(memory.buffer, memory.byteOffset + output, unit.size)
      return { unit, bytes, faults, mismatches, release }
    } catch (error) {
      release()
      throw inOurWords(error)
    }
  }
}

function isSmall(unit: Unit): boolean {
  return unit.size <= UNIT_SIZE && unit.stored <= 2 * UNIT_SIZE
}

function isHuge(unit: Unit): boolean {
  return unit.size + unit.stored > SHARED_LIMIT
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
