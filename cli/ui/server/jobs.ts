import { randomUUID } from 'node:crypto'
import { ContainerImageError, interrupted } from '../../../manifests/index.js'
import type { OnProgress } from '../../../provider/index.js'
import { asOurs, errorDocument } from '../../output/errors.js'
import { jsonText } from '../../output/json.js'
import { JsonLinesDisplay } from '../../progress/json-lines.js'
import type { Failure, Job, LongAction } from '../protocol/actions.js'

/** What a long action gets. */
export interface JobRun {
  signal: AbortSignal
  onProgress: OnProgress
}

/** Gets each line of JSON; `isLast` with the one that says how it ended. */
export type Watcher = (line: string, isLast: boolean) => void

/** How many jobs that have ended are remembered, for a page that is reloaded. */
const KEPT = 20
/** How many lines of one job are kept; the oldest notes are dropped first. */
const KEPT_LINES = 500

interface Running {
  job: Job
  controller: AbortController
  lines: string[]
  watchers: Set<Watcher>
  ended: Promise<void>
}

/** The long actions, at most one of each kind at a time. */
export class Jobs {
  private readonly all = new Map<string, Running>()

  list(): Job[] {
    return [...this.all.values()].map(({ job }) => job)
  }

  /** @throws USAGE if one of this kind is running */
  start(action: LongAction, request: unknown, run: (how: JobRun) => Promise<unknown>): Job {
    if (this.list().some((job) => job.action === action && job.state === 'running'))
      throw new ContainerImageError('CHANGED_MEANWHILE', `Another ${action} is running in this window.`, {
        remedy: 'Wait until it has ended, or cancel it.',
      })
    const job: Job = { id: randomUUID(), action, request, state: 'running' }
    const controller = new AbortController()
    const one: Running = { job, controller, lines: [], watchers: new Set(), ended: Promise.resolve() }
    this.all.set(job.id, one)
    this.forget()
    one.ended = this.run(one, run)
    return job
  }

  /**
   * Reports what has happened so far, and what happens from now on.
   * @returns a function that stops it; undefined if there is no such job
   */
  watch(id: string, watcher: Watcher): (() => void) | undefined {
    const one = this.all.get(id)
    if (!one) return undefined
    for (const line of one.lines) watcher(line, false)
    if (one.job.state === 'running') one.watchers.add(watcher)
    else watcher(finished(one.job), true)
    return () => one.watchers.delete(watcher)
  }

  /** @returns whether there is such a job */
  cancel(id: string): boolean {
    const one = this.all.get(id)
    one?.controller.abort(new ContainerImageError('INTERRUPTED', 'It was cancelled.'))
    return one !== undefined
  }

  /** Cancels all of them, and waits until each has stopped in a state that can be continued. */
  async stop(): Promise<void> {
    for (const id of this.all.keys()) this.cancel(id)
    await Promise.all([...this.all.values()].map(({ ended }) => ended))
  }

  private async run(one: Running, run: (how: JobRun) => Promise<unknown>): Promise<void> {
    const { job, controller } = one
    const display = new JsonLinesDisplay((line) => this.tell(one, line))
    try {
      job.result = await run({ signal: controller.signal, onProgress: (event) => display.show(event) })
      job.state = 'done'
    } catch (error) {
      const isCancelled = controller.signal.aborted
      const ours = asOurs(isCancelled ? interrupted(controller.signal.reason) : error)
      job.error = (errorDocument(ours) as { error: Failure }).error
      job.state = isCancelled ? 'cancelled' : 'failed'
    }
    const last = finished(job)
    for (const watcher of one.watchers) watcher(last, true)
    one.watchers.clear()
  }

  private tell(one: Running, line: string): void {
    // Of several lines about the same bytes only the last is of interest.
    if (isProgress(line) && isProgress(one.lines.at(-1))) one.lines.pop()
    one.lines.push(line)
    if (one.lines.length > KEPT_LINES) one.lines.shift()
    for (const watcher of one.watchers) watcher(line, false)
  }

  private forget(): void {
    const old = [...this.all.values()].filter(({ job }) => job.state !== 'running')
    for (const { job } of old.slice(0, Math.max(0, old.length - KEPT))) this.all.delete(job.id)
  }
}

function isProgress(line: string | undefined): boolean {
  return line?.startsWith('{"event":"progress"') ?? false
}

function finished(job: Job): string {
  return jsonText({ event: 'finished', job }, 0)
}
