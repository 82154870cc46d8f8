import type { Ora } from 'ora'
import { printable } from '../../manifests/index.js'
import type { ProgressEvent } from '../../provider/index.js'
import type { Colours } from '../output/colours.js'
import { harmless, type Outlet } from '../output/outlet.js'
import type { Out } from '../output/streams.js'
import type { Display } from './display.js'
import { blobLines, summaryLine, taskLines } from './lines.js'
import { Work } from './work.js'

/** In milliseconds; nobody can read faster, and drawing takes time from the work. */
const REDRAW = 100
/** The spinner if Braille dots cannot be shown. */
const ASCII = { interval: 130, frames: ['-', '\\', '|', '/'] }
/** Lines that stay free, so that earlier output remains visible. */
const SPARED_ROWS = 4

/** Progress that moves: ora's spinner with the whole task, and a line for each running blob. */
export class TerminalDisplay implements Display {
  private work: Work | undefined
  private spinner: Ora | undefined
  private isLoading = false
  private isClosed = false
  private timer: NodeJS.Timeout | undefined

  constructor(
    /** For what moves: ora controls the terminal. */
    private readonly stream: Out,
    /** For the lines that stay. */
    private readonly messages: Outlet,
    private readonly colours: Colours,
    private readonly isColoured: boolean,
    /** Whether the terminal shows only ASCII. */
    private readonly isAscii = false,
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
      spinner: this.isAscii ? ASCII : undefined,
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
    const task = taskLines(this.work, Date.now(), columns)
    const lines = [...task, ...blobLines(this.work, columns, room - task.length)]
    this.spinner.text = lines.map((line) => harmless(line)).join('\n')
  }

  private end(): void {
    const { work } = this
    this.work = undefined
    this.stop()
    if (!work?.isComplete) return
    // Where bytes were only read, the result says whether they are good, not the display.
    const word = work.verified > 0 && work.copied === 0 ? '' : `${this.colours.good('ok')} `
    this.messages.line(`${word}${summaryLine(work, Date.now())}`)
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
    this.messages.line(line)
    if (spinner) spinner.render()
  }
}
