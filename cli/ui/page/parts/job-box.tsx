import type { LongAction } from '../../protocol/actions.js'
import { secondsLeft, size } from '../state/amounts.js'
import { forget, run, stop, useJob, useJobs, type Watched } from '../state/jobs.js'
import { type Key, t } from '../words/words.js'
import { FailureBox } from './failure.js'

const TITLES: Record<LongAction, Key> = {
  verify: 'verify',
  install: 'install',
  save: 'save',
  uninstall: 'uninstall',
  load: 'loadInto',
  databaseAdd: 'addAdvisories',
}

/** The progress of a long action, and what can be done about it. */
export function JobBox({ action }: { action: LongAction }) {
  const watched = useJob(action)
  if (!watched) return null
  const { job, notes } = watched
  const isOver = job.state === 'failed' || job.state === 'cancelled'
  return (
    <section class="job" aria-label={t(TITLES[action])}>
      {job.state === 'running' && <Running watched={watched} />}
      {job.state === 'failed' && job.error && <FailureBox failure={job.error} />}
      {job.state === 'cancelled' && (
        <p class="box" role="status">
          {t('cancelled')}. {t('resumeWhy')}
        </p>
      )}
      {isOver && (
        <p class="buttons">
          <button type="button" onClick={() => void run(action, watched.request as never)}>
            {t('resume')}
          </button>
          <button type="button" class="quiet" onClick={() => forget(action)}>
            {t('close')}
          </button>
        </p>
      )}
      {notes.length > 0 && (
        <details>
          <summary>
            {t('notes')} ({notes.length})
          </summary>
          <ul class="notes">
            {notes.map((note, i) => (
              <li key={i}>{note}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}

function Running({ watched }: { watched: Watched }) {
  const { job, progress, task } = watched
  const total = progress?.total ?? 0
  return (
    <div class="running">
      <p>
        <strong>{t(TITLES[job.action])}</strong> <span class="faint">{task ?? t('working')}</span>
      </p>
      <progress
        aria-label={t(TITLES[job.action])}
        max={total > 0 ? total : undefined}
        value={total > 0 ? Math.min(progress?.done ?? 0, total) : undefined}
      />
      <p class="row">
        <span class="faint" aria-live="off">
          {progress ? amounts(progress) : ''}
        </span>
        <button type="button" class="quiet" onClick={() => void stop(job.action)}>
          {t('cancel')}
        </button>
      </p>
    </div>
  )
}

function amounts({
  done,
  total,
  bytesPerSecond,
  secondsLeft: left,
}: NonNullable<Watched['progress']>): string {
  return [
    total > 0 ? t('progressOf', { done: size(done), total: size(total) }) : size(done),
    bytesPerSecond > 0 ? t('perSecond', { size: size(bytesPerSecond) }) : '',
    secondsLeft(left),
  ]
    .filter(Boolean)
    .join(' · ')
}

/** Actions that are running and belong to another view than the one that is shown. */
export function RunningElsewhere({ shown }: { shown: LongAction[] }) {
  const others = useJobs().filter(({ job }) => job.state === 'running' && !shown.includes(job.action))
  if (others.length === 0) return null
  return (
    <aside class="elsewhere" aria-label={t('working')}>
      {others.map((one) => (
        <Running key={one.job.id} watched={one} />
      ))}
    </aside>
  )
}
