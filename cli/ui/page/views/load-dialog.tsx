import { useState } from 'preact/hooks'
import { CommandBox } from '../parts/command-box.js'
import { Dialog } from '../parts/dialog.js'
import { SelectField } from '../parts/field.js'
import { JobBox } from '../parts/job-box.js'
import { useAnswer } from '../parts/use-answer.js'
import { run, useJob } from '../state/jobs.js'
import { t } from '../words/words.js'

/** Puts an image into one of the engines that answer. */
export function LoadDialog({ name, onClose }: { name: string; onClose(): void }) {
  const engines = useAnswer('engines', {})
  const job = useJob('load')
  const there = (engines.answer ?? []).filter(({ images }) => images).map(({ engine }) => engine)
  const [chosen, choose] = useState('')
  const engine = chosen || (there[0] ?? '')
  const loaded = job?.request.name === name ? job.answer : undefined
  return (
    <Dialog title={t('loadInto')} onClose={onClose}>
      {engines.isLoading && <p role="status">{t('loading')}</p>}
      {engines.answer && there.length === 0 && <p class="empty">{t('noEngine')}</p>}
      {there.length > 0 && (
        <SelectField
          label={t('engine')}
          value={engine}
          onChange={choose}
          options={there.map((one): [string, string] => [one, one])}
        />
      )}
      <JobBox action="load" />
      {loaded && (
        <p class="box good" role="status">
          {t('loaded', {
            engine: loaded.engine,
            names: loaded.images.flatMap(({ tags }) => tags).join(', '),
          })}
        </p>
      )}
      {engine !== '' && <CommandBox action="load" request={{ name, engine }} />}
      <p class="buttons">
        <button
          type="button"
          disabled={engine === '' || job?.job.state === 'running'}
          onClick={() => void run('load', { name, engine })}
        >
          {t('loadInto')}
        </button>
        <button type="button" class="quiet" onClick={onClose}>
          {t('close')}
        </button>
      </p>
    </Dialog>
  )
}
