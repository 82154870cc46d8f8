import { useState } from 'preact/hooks'
import { imageColumns } from '../../../../provider/shown/index.js'
import type { Failure, InstallAnswer, Uploaded } from '../../protocol/actions.js'
import { useAbout } from '../parts/about.js'
import { CommandBox } from '../parts/command-box.js'
import { DropZone } from '../parts/drop-zone.js'
import { FailureBox } from '../parts/failure.js'
import { CheckField, TextField } from '../parts/field.js'
import { JobBox } from '../parts/job-box.js'
import { PathField } from '../parts/path-field.js'
import { Table } from '../parts/shown.js'
import { failureOf } from '../parts/use-answer.js'
import { VerifiedBox } from '../parts/verified-box.js'
import { size } from '../state/amounts.js'
import { discard, upload } from '../state/client.js'
import { forget, run, useJob } from '../state/jobs.js'
import { t } from '../words/words.js'

type Sent = { name: string; controller: AbortController } | undefined
type Installed = InstallAnswer['images'][number]
type Dropped = (Uploaded & { name: string }) | undefined

/** A stick, a path or a dropped file: it is checked and shown before anything is written. */
export function InstallView(props: { path: string }) {
  const { allowsChanges } = useAbout()
  const [path, setPath] = useState(props.path)
  const [platform, setPlatform] = useState('')
  const [allPlatforms, setAllPlatforms] = useState(false)
  const [receipt, setReceipt] = useState('')
  const [sent, setSent] = useState<Sent>()
  const [dropped, setDropped] = useState<Dropped>()
  const [failure, setFailure] = useState<Failure>()
  const [checked, setChecked] = useState('')
  const verified = useJob('verify')
  const job = useJob('install')
  const target = dropped?.path ?? path
  const request = {
    target,
    platform: platform || undefined,
    allPlatforms: allPlatforms || undefined,
    receipt: receipt || undefined,
  }
  const isBusy = verified?.job.state === 'running' || job?.job.state === 'running'
  const isChecked = checked === target && verified?.answer !== undefined

  const check = async (what: string): Promise<void> => {
    forget('install')
    setChecked(what)
    await run('verify', { path: what })
    await run('install', { ...request, target: what, whatIf: true })
  }
  const drop = async (file: File): Promise<void> => {
    const controller = new AbortController()
    setFailure(undefined)
    setSent({ name: file.name, controller })
    try {
      if (dropped) await discard(dropped.path)
      const uploaded = await upload(file, controller.signal)
      setDropped({ ...uploaded, name: file.name })
      await check(uploaded.path)
    } catch (error) {
      if (!controller.signal.aborted) setFailure(failureOf(error))
    } finally {
      setSent(undefined)
    }
  }
  const leave = async (): Promise<void> => {
    const what = dropped?.path
    setDropped(undefined)
    setChecked('')
    forget('install')
    if (what !== undefined) await discard(what)
  }
  return (
    <div class="view narrow">
      <h1>{t('install')}</h1>
      <DropZone onFile={(file) => void drop(file)} isDisabled={sent !== undefined || isBusy} />
      {sent && (
        <p class="row" role="status">
          <progress aria-label={t('sending', { name: sent.name })} /> {t('sending', { name: sent.name })}
          <button type="button" class="quiet" onClick={() => sent.controller.abort()}>
            {t('cancel')}
          </button>
        </p>
      )}
      {failure && <FailureBox failure={failure} />}
      {dropped ? (
        <p class="row">
          <strong>
            <bdi>{dropped.name}</bdi>
          </strong>
          {size(dropped.size)}
          <button type="button" class="quiet" disabled={isBusy} onClick={() => void leave()}>
            {t('discard')}
          </button>
        </p>
      ) : (
        <PathField label={t('path')} help={t('pathHelp')} value={path} onChange={setPath} />
      )}
      <TextField label={t('platform')} help={t('platformsHelp')} value={platform} onChange={setPlatform} />
      <CheckField checked={allPlatforms} onChange={setAllPlatforms}>
        {t('allPlatforms')}
      </CheckField>
      <PathField label={t('receiptTo')} help={t('receiptToHelp')} value={receipt} onChange={setReceipt} />
      <p class="buttons">
        <button
          type="button"
          class={isChecked ? 'quiet' : ''}
          disabled={target === '' || isBusy}
          onClick={() => void check(target)}
        >
          {isChecked ? t('checkAgain') : t('check')}
        </button>
        <button
          type="button"
          disabled={!allowsChanges || !isChecked || !verified?.answer?.ok || isBusy}
          title={allowsChanges ? undefined : t('readOnlyWhy')}
          onClick={() => void run('install', request)}
        >
          {t('install')}
        </button>
      </p>
      {checked === target && checked !== '' && (
        <>
          <JobBox action="verify" />
          {verified?.answer && <VerifiedBox result={verified.answer} />}
          <JobBox action="install" />
          {job?.answer && <InstalledBox result={job.answer} wasAsked={job.request.whatIf === true} />}
        </>
      )}
      {target !== '' && dropped === undefined && <CommandBox action="install" request={request} />}
    </div>
  )
}

function InstalledBox({ result, wasAsked }: { result: InstallAnswer; wasAsked: boolean }) {
  const { images, copiedBytes, reusedBytes, receipt } = result
  const bytes = { copied: size(copiedBytes), reused: size(reusedBytes) }
  return (
    <section
      class={wasAsked ? 'box' : 'box good'}
      role="status"
      aria-label={wasAsked ? t('wouldInstall') : t('installed')}
    >
      <p>
        <strong>{wasAsked ? t('wouldInstall') : t('installed')}</strong>{' '}
        <span class="faint">{wasAsked ? t('wouldCopy', bytes) : t('didCopy', bytes)}</span>
      </p>
      <Table
        label={t('images')}
        columns={[
          ...imageColumns<Installed>(),
          { key: 'names', label: t('names'), cell: ({ tags }) => tags.join(', ') },
        ]}
        rows={images}
      />
      {receipt !== undefined && <p class="faint">{t('receiptWritten', { path: receipt })}</p>}
    </section>
  )
}
