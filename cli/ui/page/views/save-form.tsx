import { useState } from 'preact/hooks'
import { imageColumns } from '../../../../provider/shown/index.js'
import type { SaveAnswer, SaveRequest } from '../../protocol/actions.js'
import { useAbout } from '../parts/about.js'
import { CommandBox } from '../parts/command-box.js'
import { CheckField, SelectField, TextField } from '../parts/field.js'
import { JobBox } from '../parts/job-box.js'
import { PathField } from '../parts/path-field.js'
import { Table } from '../parts/shown.js'
import { size } from '../state/amounts.js'
import { change, useBasket } from '../state/basket.js'
import { run, useJob } from '../state/jobs.js'
import { t } from '../words/words.js'

interface Where {
  path: string
  format: string
  volumeSize: string
  recovery: string
  platforms: string
  allPlatforms: boolean
  force: boolean
}

const NOWHERE: Where = {
  path: '',
  format: '',
  volumeSize: '',
  recovery: '',
  platforms: '',
  allPlatforms: false,
  force: false,
}

/** What is in the basket, and where it is to be written. */
export function SaveForm() {
  const { allowsChanges } = useAbout()
  const [basket] = useBasket()
  const [where, setWhere] = useState(NOWHERE)
  const job = useJob('save')
  const set = (part: Partial<Where>): void => setWhere({ ...where, ...part })
  const request = requestOf(
    basket.map(({ name }) => name),
    where,
  )
  const isReady = basket.length > 0 && where.path !== '' && job?.job.state !== 'running'
  return (
    <aside class="side" aria-label={t('basket')}>
      <h2>
        {t('basket')} <span class="badge">{basket.length}</span>
      </h2>
      {basket.length === 0 && <p class="faint">{t('basketEmpty')}</p>}
      <ul class="basket">
        {basket.map(({ name }) => (
          <li key={name}>
            <bdi>{name}</bdi>
            <button
              type="button"
              class="quiet small"
              aria-label={t('removeNamed', { name })}
              onClick={() => change(basket.filter((one) => one.name !== name))}
            >
              ✕
            </button>
          </li>
        ))}
      </ul>
      <PathField
        label={t('whereTo')}
        help={t('whereToHelp')}
        value={where.path}
        onChange={(path) => set({ path })}
      />
      <div class="pair">
        <SelectField
          label={t('format')}
          value={where.format}
          onChange={(format) => set({ format })}
          options={[
            ['', t('formatDefault')],
            ['media', t('formatMedia')],
            ['oci-archive', t('formatOci')],
            ['docker-archive', t('formatDocker')],
            ['zip', 'Zip'],
            ['7z', '7z'],
            ['wim', 'WIM'],
          ]}
        />
        <SelectField
          label={t('volumeSize')}
          value={where.volumeSize}
          onChange={(volumeSize) => set({ volumeSize })}
          options={[
            ['', t('volumeNone')],
            ['650m', '650 MB'],
            ['fat32', 'FAT32 (4 GiB)'],
            ['dvd', 'DVD'],
            ['bd', 'Blu-ray'],
          ]}
        />
      </div>
      <SelectField
        label={t('recovery')}
        value={where.recovery}
        onChange={(recovery) => set({ recovery })}
        options={[
          ['', t('recoveryNone')],
          ...['5%', '10%', '30%'].map((one): [string, string] => [one, t('recoveryOf', { share: one })]),
        ]}
      />
      <TextField
        label={t('platforms')}
        help={t('platformsHelp')}
        value={where.platforms}
        onChange={(platforms) => set({ platforms })}
      />
      <CheckField checked={where.allPlatforms} onChange={(allPlatforms) => set({ allPlatforms })}>
        {t('allPlatforms')}
      </CheckField>
      <CheckField checked={where.force} onChange={(force) => set({ force })}>
        {t('overwrite')}
      </CheckField>
      <p class="buttons">
        <button
          type="button"
          class="quiet"
          disabled={!isReady}
          onClick={() => void run('save', { ...request, whatIf: true })}
        >
          {t('preview')}
        </button>
        <button
          type="button"
          disabled={!isReady || !allowsChanges}
          title={allowsChanges ? undefined : t('readOnlyWhy')}
          onClick={() => void run('save', request)}
        >
          {t('save')}
        </button>
      </p>
      <JobBox action="save" />
      {job?.answer && <SavedBox result={job.answer} wasAsked={job.request.whatIf === true} />}
      {basket.length > 0 && where.path !== '' && <CommandBox action="save" request={request} />}
    </aside>
  )
}

function requestOf(names: string[], where: Where): SaveRequest {
  const platforms = where.platforms.split(/[\s,]+/).filter(Boolean)
  return {
    names,
    path: where.path,
    format: where.format || undefined,
    volumeSize: where.volumeSize || undefined,
    recovery: where.recovery || undefined,
    platforms: platforms.length > 0 ? platforms : undefined,
    allPlatforms: where.allPlatforms || undefined,
    force: where.force || undefined,
  }
}

function SavedBox({ result, wasAsked }: { result: SaveAnswer; wasAsked: boolean }) {
  const { images, files, fetchedBytes, reusedBytes } = result
  const bytes = files.reduce((sum, file) => sum + file.size, 0)
  return (
    <section class={wasAsked ? 'box' : 'box good'} role="status" aria-label={t('saved')}>
      <p>
        <strong>{wasAsked ? t('wouldSave') : t('saved')}</strong>
      </p>
      <Table label={t('images')} columns={imageColumns()} rows={images} />
      {!wasAsked && (
        <>
          <p>{t('filesWritten', { n: files.length, size: size(bytes) })}</p>
          <p class="faint">{t('fetched', { fetched: size(fetchedBytes), reused: size(reusedBytes) })}</p>
        </>
      )}
    </section>
  )
}
