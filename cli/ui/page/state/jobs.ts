import { useEffect, useState } from 'preact/hooks'
import type { AnswerOf, Job, JobEvent, LongAction, RequestOf } from '../../protocol/actions.js'
import { cancel, earlierJobs, Failed, start, watch } from './client.js'

export type Progress = JobEvent & { event: 'progress' }

/** A long action with what is known about it. */
export interface Watched<Name extends LongAction = LongAction> {
  job: Job
  request: RequestOf<Name>
  answer?: AnswerOf<Name> | undefined
  progress?: Progress | undefined
  task?: string | undefined
  notes: string[]
}

const NOTES = 50
const latest = new Map<LongAction, Watched>()
/** Kinds of which this page has started or dismissed a job: what the server remembers about them is older. */
const settled = new Set<LongAction>()
const listeners = new Set<() => void>()

/** The last job of a kind, wherever on the page it was started; shown again whenever something happens to it. */
export function useJob<Name extends LongAction>(action: Name): Watched<Name> | undefined {
  useJobs()
  return latest.get(action) as Watched<Name> | undefined
}

export function useJobs(): Watched[] {
  const [, again] = useState(0)
  useEffect(() => {
    const listener = (): void => again((count) => count + 1)
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }, [])
  return [...latest.values()]
}

/**
 * Starts a job, which has its place in the list even if it could not be started. It replaces the one before it at once,
 * not when the server has answered: the result of that one would be taken for the answer to this one.
 */
export async function run<Name extends LongAction>(action: Name, request: RequestOf<Name>): Promise<void> {
  settled.add(action)
  keep({ id: '', action, request, state: 'running' })
  try {
    follow(await start(action, request))
  } catch (error) {
    if (!(error instanceof Failed)) throw error
    keep({ id: '', action, request, state: 'failed', error: error.failure })
  }
}

export async function stop(action: LongAction): Promise<void> {
  const id = latest.get(action)?.job.id
  if (id) await cancel(id)
}

export function forget(action: LongAction): void {
  settled.add(action)
  latest.delete(action)
  tell()
}

/** Shows what was started before this page was loaded. */
export async function followEarlier(): Promise<void> {
  for (const job of await earlierJobs()) if (!settled.has(job.action)) follow(job)
}

function follow(job: Job): void {
  const watched = keep(job)
  watch(job.id, (event) => {
    see(watched, event)
    tell()
  }).catch((error: unknown) => {
    const failure = error instanceof Failed ? error.failure : { code: 'GONE', message: '' }
    watched.job = { ...watched.job, state: 'failed', error: failure }
    tell()
  })
}

function keep(job: Job): Watched {
  const watched: Watched = { job, request: job.request as RequestOf<LongAction>, notes: [] }
  latest.set(job.action, watched)
  tell()
  return watched
}

function see(watched: Watched, event: JobEvent): void {
  if (event.event === 'progress') watched.progress = event
  else if (event.event === 'begin') Object.assign(watched, { task: event.task, progress: undefined })
  else if (event.event === 'note') watched.notes = [...watched.notes, event.message].slice(-NOTES)
  else if (event.event === 'finished') {
    watched.job = event.job
    watched.answer = event.job.result as AnswerOf<LongAction> | undefined
  }
}

function tell(): void {
  for (const listener of listeners) listener()
}
