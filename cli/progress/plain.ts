import { printable } from '../../manifests/index.js'
import type { ProgressEvent } from '../../provider/index.js'
import type { Display } from './display.js'
import { progressLine, summaryLine } from './lines.js'
import { Work } from './work.js'

/** In milliseconds. */
const QUIET_TIME = 10_000
const SHORTEST_TIME = 1000

/**
 * Progress for a log: a line after one second of work, one every ten seconds or for each tenth, and one at
 * the end. Very short work is not worth a line, nor are tenths that pass within a second.
 */
export class PlainDisplay implements Display {
  private work: Work | undefined
  private lastAt = 0
  private lastTenth = 0
  private isClosed = false
  private isAnnounced = false
  /** For work that reports nothing at all. */
  private timer: NodeJS.Timeout | undefined

  /** @param now in milliseconds */
  constructor(
    private readonly write: (line: string) => void,
    private readonly now: () => number = Date.now,
  ) {}

  show(event: ProgressEvent): void {
    if (event.type === 'note') this.write(printable(event.message))
    else if (this.isClosed) return
    else if (event.type === 'begin') this.begin(event.task, event.total)
    else if (event.type === 'end') this.end()
    else this.step(event)
  }

  close(): void {
    this.isClosed = true
    clearTimeout(this.timer)
  }

  private begin(task: string, total: number): void {
    if (this.work?.task === task) {
      this.work.total = total
      return
    }
    this.lastAt = this.now()
    this.lastTenth = 0
    this.work = new Work(task, total, this.lastAt)
    this.isAnnounced = false
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.announce(), SHORTEST_TIME).unref()
  }

  private announce(): void {
    if (this.isAnnounced || this.isClosed || !this.work) return
    this.isAnnounced = true
    this.write(progressLine(this.work, this.now()))
  }

  private step(event: ProgressEvent): void {
    if (!this.work) return
    const at = this.now()
    this.work.see(event, at)
    if (!this.isAnnounced) {
      if (at - this.work.startedAt >= SHORTEST_TIME) this.announce()
      return
    }
    const tenth = Math.floor((this.work.fraction ?? 0) * 10)
    const isNewTenth = tenth > this.lastTenth && tenth < 10 && at - this.lastAt >= SHORTEST_TIME
    if (event.type !== 'bytes' || (!isNewTenth && at - this.lastAt < QUIET_TIME)) return
    this.lastAt = at
    this.lastTenth = tenth
    this.write(progressLine(this.work, at))
  }

  private end(): void {
    clearTimeout(this.timer)
    if (this.work?.isComplete && this.isAnnounced) this.write(summaryLine(this.work, this.now()))
    this.work = undefined
  }
}
