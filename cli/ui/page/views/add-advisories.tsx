import { useEffect, useState } from 'preact/hooks'
import { useAbout } from '../parts/about.js'
import { CommandBox } from '../parts/command-box.js'
import { JobBox } from '../parts/job-box.js'
import { PathField } from '../parts/path-field.js'
import { run, useJob } from '../state/jobs.js'
import { t } from '../words/words.js'

/** Puts what publishers export, or what a media carries, into the database of advisories. */
export function AddAdvisories({ onDone }: { onDone(): void }) {
  const { allowsChanges } = useAbout()
  const [path, setPath] = useState('')
  const job = useJob('databaseAdd')
  const done = job?.job.state === 'done' ? job.job.id : undefined
  useEffect(() => {
    if (done !== undefined) onDone()
  }, [done])
  const count = job?.answer?.added.reduce((sum, { advisories }) => sum + advisories, 0)
  return (
    <details class="box">
      <summary>{t('addAdvisories')}</summary>
      <PathField label={t('path')} help={t('addAdvisoriesHelp')} value={path} onChange={setPath} />
      <JobBox action="databaseAdd" />
      {count !== undefined && <p role="status">{t('advisoriesAdded', { n: count })}</p>}
      <p class="buttons">
        <button
          type="button"
          disabled={!allowsChanges || path === '' || job?.job.state === 'running'}
          title={allowsChanges ? undefined : t('readOnlyWhy')}
          onClick={() => void run('databaseAdd', { path })}
        >
          {t('add')}
        </button>
      </p>
      {path !== '' && <CommandBox action="databaseAdd" request={{ path }} />}
    </details>
  )
}
