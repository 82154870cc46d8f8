import { printable } from '../../manifests/index.js'
import type { ProgressEvent } from '../../provider/index.js'
import { jsonText } from '../output/json.js'
import type { Display } from './display.js'
import { Work } from './work.js'

/** The shortest time between two lines about bytes, in milliseconds. */
const PERIOD = 500

/**
 * Progress for other programs: one JSON object per line. Sizes are in bytes; `secondsLeft` is null if nothing
 * has moved yet.
 */
export class JsonLinesDisplay implements Display {
  private work: Work | undefined
  private lastAt = 0

  /** @param now in milliseconds */
  constructor(
    private readonly write: (line: string) => void,
    private readonly now: () => number = Date.now,
  ) {}

  show(event: ProgressEvent): void {
    const at = this.now()
    if (event.type !== 'begin') this.work?.see(event, at)
    if (event.type === 'note') this.print('note', { message: printable(event.message) })
    else if (event.type === 'begin') this.begin(event.task, event.total, at)
    else if (event.type === 'end') this.end(at)
    else if (event.type === 'bytes') this.bytes(at)
    else {
      const { type, ...facts } = event
      this.print(type, facts)
    }
  }

  close(): void {}

  private begin(task: string, total: number, at: number): void {
    if (this.work?.task === task) this.work.total = total
    else this.work = new Work(task, total, at)
    this.lastAt = at
    this.print('begin', { task, total })
  }

  private bytes(at: number): void {
    if (at - this.lastAt >= PERIOD) this.progress(at)
  }

  private progress(at: number): void {
    const { work } = this
    if (!work) return
    this.lastAt = at
    const { task, done, total, copied, reused, verified } = work
    const bytesPerSecond = Math.round(work.perSecond(at))
    const left = work.secondsLeft(at)
    const secondsLeft = left === undefined ? null : Math.ceil(left)
    this.print('progress', { task, done, total, copied, reused, verified, bytesPerSecond, secondsLeft })
  }

  private end(at: number): void {
    if (!this.work) return
    this.progress(at)
    const { task, done, total, startedAt } = this.work
    this.print('end', { task, done, total, seconds: (at - startedAt) / 1000 })
    this.work = undefined
  }

  private print(event: string, facts: Record<string, unknown>): void {
    this.write(jsonText({ event, ...facts }, 0))
  }
}
