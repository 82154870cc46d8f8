import type { ProgressEvent } from '../../provider/index.js'
import { SlidingRate } from './rate.js'

export interface RunningBlob {
  label: string
  /** In bytes; 0 if not known. */
  size: number
  done: number
}

/** How far one task has come, according to its progress events. Sizes are in bytes, times in milliseconds. */
export class Work {
  total: number
  copied = 0
  reused = 0
  verified = 0
  readonly running = new Map<string, RunningBlob>()
  private readonly rate = new SlidingRate()

  constructor(
    readonly task: string,
    total: number,
    readonly startedAt: number,
  ) {
    this.total = total
  }

  get done(): number {
    return this.copied + this.reused + this.verified
  }

  /** Between 0 and 1; undefined if the total is not known. */
  get fraction(): number | undefined {
    return this.total > 0 ? Math.min(1, this.done / this.total) : undefined
  }

  get isComplete(): boolean {
    return this.done >= this.total
  }

  see(event: ProgressEvent, at: number): void {
    if (event.type === 'blob') this.running.set(event.id, { label: event.label, size: event.size, done: 0 })
    else if (event.type === 'blob-end') this.running.delete(event.id)
    else if (event.type === 'bytes') this.count(event, at)
  }

  private count(event: ProgressEvent & { type: 'bytes' }, at: number): void {
    this[event.kind] += event.count
    const blob = this.running.get(event.id)
    if (blob) blob.done += event.count
    // What was already there took no time, and would suggest a speed that the rest will not reach.
    if (event.kind !== 'reused') this.rate.add(event.count, at)
  }

  perSecond(at: number): number {
    return this.rate.perSecond(at)
  }

  /** Seconds left at the current rate; undefined if nothing moves. */
  secondsLeft(at: number): number | undefined {
    const rate = this.perSecond(at)
    return rate > 0 && this.total > 0 ? Math.max(0, this.total - this.done) / rate : undefined
  }
}
