import { useEffect, useState } from 'preact/hooks'
import type { Failure } from '../../protocol/actions.js'
import { CommandBox } from '../parts/command-box.js'
import { Dialog } from '../parts/dialog.js'
import { FailureBox } from '../parts/failure.js'
import { TextField } from '../parts/field.js'
import { JobBox } from '../parts/job-box.js'
import { failureOf, useAnswer } from '../parts/use-answer.js'
import { size } from '../state/amounts.js'
import { ask } from '../state/client.js'
import { forget, run, useJob } from '../state/jobs.js'
import { go } from '../state/route.js'
import { t } from '../words/words.js'

/** Gives an image another name. */
export function NameDialog(props: { name: string; onClose(): void; onDone(): void }) {
  const { name, onClose, onDone } = props
  const [to, setTo] = useState('')
  const [failure, setFailure] = useState<Failure>()
  const add = async (event: Event): Promise<void> => {
    event.preventDefault()
    try {
      await ask('tag', { from: name, to })
      onClose()
      onDone()
    } catch (error) {
      setFailure(failureOf(error))
    }
  }
  return (
    <Dialog title={t('addTag')} onClose={onClose}>
      <form onSubmit={(event) => void add(event)}>
        <TextField label={t('newName')} value={to} onChange={setTo} />
        {failure && <FailureBox failure={failure} />}
        <CommandBox action="tag" request={{ from: name, to }} />
        <p class="buttons">
          <button type="submit" disabled={to === ''}>
            {t('add')}
          </button>
          <button type="button" class="quiet" onClick={onClose}>
            {t('cancel')}
          </button>
        </p>
      </form>
    </Dialog>
  )
}

/** Says what would be removed, or why it must stay, before anything is removed. */
export function UninstallDialog({ name, onClose }: { name: string; onClose(): void }) {
  const { answer, failure, isLoading } = useAnswer('removal', { name })
  const job = useJob('uninstall')
  const isDone = job?.job.state === 'done'
  useEffect(() => {
    if (!isDone) return
    forget('uninstall')
    go('images')
  }, [isDone])
  const remaining = answer?.removed.flatMap((one) => one.remaining ?? []) ?? []
  return (
    <Dialog title={t('uninstallTitle', { name })} onClose={onClose}>
      {isLoading && <p role="status">{t('loading')}</p>}
      {failure && <FailureBox failure={failure} />}
      {answer && (
        <p>
          {remaining.length > 0
            ? t('uninstallKeeps', { names: remaining.join(', ') })
            : t('uninstallFrees', { size: size(answer.freedBytes) })}
        </p>
      )}
      <JobBox action="uninstall" />
      <CommandBox action="uninstall" request={{ name }} />
      <p class="buttons">
        <button
          type="button"
          class="danger"
          disabled={!answer || job?.job.state === 'running'}
          onClick={() => void run('uninstall', { name })}
        >
          {t('uninstall')}
        </button>
        <button type="button" class="quiet" onClick={onClose}>
          {t('cancel')}
        </button>
      </p>
    </Dialog>
  )
}
