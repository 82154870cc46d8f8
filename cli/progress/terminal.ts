import type { Ora } from 'ora'
import { printable } from '../../manifests/index.js'
import type { ProgressEvent } from '../../provider/index.js'
import type { Colours } from '../output/colours.js'
import { cut } from '../output/width.js'
import type { Out } from '../streams.js'
import type { Display } from './display.js'
import { blobLines, progressLine, summaryLine } from './lines.js'
import { Work } from './work.js'

/** In milliseconds; a terminal cannot be read faster, and drawing takes time from the work. */
const REDRAW = 100
/** Lines that stay free, so that what was printed before remains in sight. */
const SPARED_ROWS = 4

/** Progress that moves: ora's spinner with the whole task, and a line for each running blob. */
export class TerminalDisplay implements Display {
  private work: Work | undefined
  private spinner: Ora | undefined
  private isLoading = false
  private isClosed = false
  private timer: NodeJS.Timeout | undefined

  constructor(
    private readonly stream: Out,
    private readonly colours: Colours,
    private readonly isColoured: boolean,
  ) {}

  show(event: ProgressEvent): void {
    if (event.type === 'note') this.aside(this.colours.warning(printable(event.message)))
    else if (this.isClosed) return
    else if (event.type === 'begin') this.begin(event.task, event.total)
    else if (event.type === 'end') this.end()
    else this.work?.see(event, Date.now())
  }

  close(): void {
    this.isClosed = true
    this.stop()
    this.work = undefined
  }

  private begin(task: string, total: number): void {
    if (this.work?.task === task) this.work.total = total
    else this.work = new Work(task, total, Date.now())
    if (this.spinner) this.draw()
    else void this.load()
  }

  /** ora and what it needs are loaded only when there is something to show. */
  private async load(): Promise<void> {
    if (this.isLoading) return
    this.isLoading = true
    const { default: ora } = await import('ora')
    this.isLoading = false
    if (this.isClosed || !this.work) return
    this.spinner = ora({
      stream: this.stream,
      // Ctrl-C has to stay a signal, and the terminal's input belongs to the shell.
      discardStdin: false,
      color: this.isColoured ? 'cyan' : false,
    })
    this.draw()
    this.spinner.start()
    this.timer = setInterval(() => this.draw(), REDRAW)
    this.timer.unref()
  }

  private draw(): void {
    if (!this.spinner || !this.work) return
    const columns = (this.stream.columns ?? 80) - 3
    const room = (this.stream.rows ?? 24) - SPARED_ROWS
    const lines = [cut(progressLine(this.work, Date.now()), columns), ...blobLines(this.work, columns, room)]
    this.spinner.text = lines.join('\n')
  }

  private end(): void {
    const summary = this.work?.isComplete ? summaryLine(this.work, Date.now()) : undefined
    this.work = undefined
    this.stop()
    if (summary !== undefined) this.stream.write(`${this.colours.good('ok')} ${summary}\n`)
  }

  private stop(): void {
    clearInterval(this.timer)
    this.spinner?.stop()
    this.spinner = undefined
  }

  /** A line that stays, above the moving ones. */
  private aside(line: string): void {
    const spinner = this.spinner
    if (spinner) spinner.clear()
    this.stream.write(`${line}\n`)
    if (spinner) spinner.render()
  }
}
