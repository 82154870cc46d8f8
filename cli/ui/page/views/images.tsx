import { useMemo, useState } from 'preact/hooks'
import { CommandBox } from '../parts/command-box.js'
import { FailureBox } from '../parts/failure.js'
import { SelectField, TextField } from '../parts/field.js'
import { JobBox } from '../parts/job-box.js'
import { type Column, LongTable } from '../parts/long-table.js'
import { useAnswer } from '../parts/use-answer.js'
import { VerifiedBox } from '../parts/verified-box.js'
import { age, short, size } from '../state/amounts.js'
import { run, useJob } from '../state/jobs.js'
import { hrefOf } from '../state/route.js'
import { t } from '../words/words.js'
import {
  type Choice,
  chosenImages,
  type ListedImage,
  listedImages,
  nameOfRow,
  type Sort,
  sortedImages,
} from './image-rows.js'

/** What is installed, and what engines have. */
export function ImagesView() {
  const stored = useAnswer('images', {})
  const engines = useAnswer('engines', {})
  const [choice, setChoice] = useState<Choice>({ text: '', os: '', where: 'all' })
  const [sort, setSort] = useState<Sort>({ key: 'name', isDown: false })
  const rows = useMemo(
    () => listedImages(stored.answer ?? [], engines.answer ?? []),
    [stored.answer, engines.answer],
  )
  const shown = useMemo(() => sortedImages(chosenImages(rows, choice), sort), [rows, choice, sort])
  const systems = useMemo(() => [...new Set(rows.map(({ os }) => os).filter(Boolean))].sort(), [rows])
  const verified = useJob('verify')
  const onSort = (key: string): void =>
    setSort((before) => ({ key, isDown: before.key === key ? !before.isDown : key !== 'name' }))
  const refresh = (): void => {
    stored.again()
    engines.again()
  }
  return (
    <div class="view fills">
      <div class="head">
        <h1>{t('images')}</h1>
        <p class="faint" role="status">
          {stored.answer && countText(shown.length, rows.length)}
        </p>
        <span class="grows" />
        <button type="button" class="quiet" onClick={refresh}>
          {t('refresh')}
        </button>
        <button type="button" class="quiet" onClick={() => void run('verify', {})}>
          {t('verifyStore')}
        </button>
      </div>
      <div class="filters">
        <TextField
          label={t('searchImages')}
          isSearch
          value={choice.text}
          onChange={(text) => setChoice({ ...choice, text })}
        />
        <SelectField
          label={t('filter')}
          value={choice.where}
          onChange={(where) => setChoice({ ...choice, where: where as Choice['where'] })}
          options={[
            ['all', t('all')],
            ['store', t('inStore')],
            ['engines', t('inEngines')],
            ['latest', t('latestOnly')],
            ['used', t('inUse')],
          ]}
        />
        <SelectField
          label={t('platform')}
          value={choice.os}
          onChange={(os) => setChoice({ ...choice, os })}
          options={[['', t('allSystems')], ...systems.map((os): [string, string] => [os, os])]}
        />
      </div>
      {stored.failure && <FailureBox failure={stored.failure} again={stored.again} />}
      {stored.isLoading && !stored.answer && <p role="status">{t('loading')}</p>}
      {(verified?.request as { path?: string } | undefined)?.path === undefined && <JobBox action="verify" />}
      {verified?.answer && verified.request.path === undefined && <VerifiedBox result={verified.answer} />}
      {stored.answer && rows.length === 0 && !engines.isLoading && (
        <div class="empty">
          <p>{t('noImages')}</p>
          <p>
            <a href={hrefOf('install')}>{t('install')}</a> · <a href={hrefOf('find')}>{t('find')}</a>
          </p>
          <p class="faint">{t('noImagesHelp')}</p>
        </div>
      )}
      {rows.length > 0 && shown.length === 0 && <p class="empty">{t('noneMatch')}</p>}
      {shown.length > 0 && (
        <LongTable
          label={t('images')}
          columns={columns()}
          rows={shown}
          keyOf={keyOf}
          sort={sort}
          onSort={onSort}
        />
      )}
      <CommandBox action="images" request={{}} />
    </div>
  )
}

function countText(shown: number, all: number): string {
  return shown === all ? t('imageCount', { n: all }) : t('imageCountOf', { n: shown, all })
}

function keyOf(row: ListedImage): string {
  return `${row.repository}:${row.tag} ${row.id}`
}

function columns(): Column<ListedImage>[] {
  return [
    {
      key: 'name',
      label: t('name'),
      sorts: true,
      cell: (row) => <NameCell row={row} />,
      narrow: (row) => (
        <>
          {row.tag} · {platformOf(row)} · {age(row.created)}
        </>
      ),
    },
    {
      key: 'tag',
      label: t('tag'),
      sorts: true,
      cell: (row) => (
        <>
          <bdi>{row.tag}</bdi>
          {row.isLatest && row.tag !== 'latest' && <span class="badge good">{t('latest')}</span>}
        </>
      ),
      from: 'medium',
    },
    {
      key: 'platform',
      label: t('platform'),
      sorts: true,
      from: 'wide',
      cell: platformOf,
    },
    {
      key: 'created',
      label: t('created'),
      sorts: true,
      from: 'medium',
      cell: ({ created }) => <time dateTime={created}>{age(created)}</time>,
    },
    {
      key: 'size',
      label: t('size'),
      sorts: true,
      isNumber: true,
      cell: ({ unpackedSize, contentSize }) => size(unpackedSize ?? contentSize),
    },
    {
      key: 'places',
      label: t('where'),
      from: 'medium',
      cell: ({ places }) =>
        places.map((place) => (
          <span key={place} class={place === 'store' ? 'badge' : 'badge engine'}>
            {place === 'store' ? t('store') : place}
          </span>
        )),
    },
    {
      key: 'used',
      label: t('containers'),
      sorts: true,
      isNumber: true,
      from: 'wide',
      cell: ({ inUse = '–' }) => inUse,
    },
    {
      key: 'digest',
      label: t('digest'),
      from: 'wide',
      cell: ({ digest, id }) => <code title={digest || id}>{short(digest || id)}</code>,
    },
  ]
}

function platformOf({ os, architecture, kind }: ListedImage): string {
  return os === '' ? (kind ?? '–') : `${os}/${architecture}`
}

function NameCell({ row }: { row: ListedImage }) {
  const inStore = row.places.includes('store')
  const name = <bdi>{row.repository}</bdi>
  return inStore ? <a href={hrefOf('image', { name: nameOfRow(row) })}>{name}</a> : <span>{name}</span>
}
