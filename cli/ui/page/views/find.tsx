import { useState } from 'preact/hooks'
import type { FindRequest, FoundRow } from '../../protocol/actions.js'
import { CommandBox } from '../parts/command-box.js'
import { FailureBox } from '../parts/failure.js'
import { CheckField, SelectField, TextField } from '../parts/field.js'
import { type Column, LongTable } from '../parts/long-table.js'
import { useAnswer } from '../parts/use-answer.js'
import { size } from '../state/amounts.js'
import { put, useBasket, type Wanted } from '../state/basket.js'
import { t } from '../words/words.js'
import { SaveForm } from './save-form.js'

/** What sources have, a basket, and where its contents go. */
export function FindView() {
  const sources = useAnswer('sources', {})
  const [text, setText] = useState('')
  const [source, setSource] = useState('')
  const [allVersions, setAllVersions] = useState(false)
  const [asked, setAsked] = useState<FindRequest>()
  const found = useAnswer('find', asked)
  const [basket] = useBasket()
  const find = (event: Event): void => {
    event.preventDefault()
    setAsked({ names: namesOf(text), source: source || undefined, allVersions })
    if (asked) found.again()
  }
  const showVersions = ({ name, source: from }: FoundRow): void => {
    setText(name)
    setAllVersions(true)
    setAsked({ names: [name], source: source || from, allVersions: true })
  }
  const { images = [], notes = [] } = found.answer ?? {}
  return (
    <div class="view">
      <h1>{t('find')}</h1>
      <div class="columns">
        <div class="main">
          <search>
            <form class="filters" onSubmit={find}>
              <TextField
                label={t('searchSources')}
                help={t('searchSourcesHelp')}
                isSearch
                value={text}
                onChange={setText}
              />
              <SelectField
                label={t('source')}
                value={source}
                onChange={setSource}
                options={[
                  ['', t('allSources')],
                  ...(sources.answer ?? []).map(({ name }): [string, string] => [name, name]),
                ]}
              />
              <CheckField checked={allVersions} onChange={setAllVersions}>
                {t('allVersions')}
              </CheckField>
              <button type="submit">{t('search')}</button>
            </form>
          </search>
          {sources.failure && <FailureBox failure={sources.failure} again={sources.again} />}
          {found.failure && <FailureBox failure={found.failure} again={found.again} />}
          {asked && found.isLoading && <p role="status">{t('loading')}</p>}
          {notes.length > 0 && (
            <ul class="notes">
              {notes.map((note) => (
                <li key={note}>{note}</li>
              ))}
            </ul>
          )}
          {found.answer && images.length === 0 && <p class="empty">{t('nothingFound')}</p>}
          {images.length > 0 && (
            <LongTable
              label={t('results')}
              columns={columns(basket, showVersions)}
              rows={images}
              keyOf={keyOf}
            />
          )}
          {asked && <CommandBox action="find" request={asked} />}
        </div>
        <SaveForm />
      </div>
    </div>
  )
}

/** A part of a name is enough; a pattern, a reference or a whole name means exactly that. */
function namesOf(text: string): string[] | undefined {
  const words = text.split(/[\s,]+/).filter(Boolean)
  if (words.length === 0) return undefined
  return words.map((word) => (/[*?[/:]/.test(word) ? word : `*${word}*`))
}

function keyOf(row: FoundRow): string {
  return `${row.source} ${row.name} ${row.version} ${row.os}/${row.architecture} ${row.digest ?? ''}`
}

/** As `save` takes it: a reference also says where it comes from. */
function wantedOf({ name, version, reference, source }: FoundRow): Wanted {
  return { name: reference ?? `${name}:${version}`, source }
}

function columns(basket: Wanted[], onName: (row: FoundRow) => void): Column<FoundRow>[] {
  return [
    {
      key: 'name',
      label: t('name'),
      cell: (row) => (
        <button
          type="button"
          class="link"
          title={row.summary || undefined}
          aria-label={t('versionsOf', { name: row.name })}
          onClick={() => onName(row)}
        >
          <bdi>{row.name}</bdi>
        </button>
      ),
      narrow: (row) => (
        <>
          {row.version} · {row.source}
        </>
      ),
    },
    { key: 'version', label: t('version'), from: 'medium', cell: ({ version }) => <bdi>{version}</bdi> },
    {
      key: 'platform',
      label: t('platform'),
      from: 'wide',
      cell: ({ os, architecture }) => (os === '' ? '–' : `${os}/${architecture}`),
    },
    { key: 'source', label: t('source'), from: 'medium', cell: ({ source }) => source },
    { key: 'size', label: t('size'), from: 'wide', isNumber: true, cell: (row) => size(row.size) },
    {
      key: 'add',
      label: t('basket'),
      cell: (row) => {
        const wanted = wantedOf(row)
        const isThere = basket.some(({ name }) => name === wanted.name)
        return (
          <button
            type="button"
            class="quiet small"
            disabled={isThere}
            aria-label={`${t('saveThis')}: ${wanted.name}`}
            onClick={() => put(wanted)}
          >
            {isThere ? '✓' : '+'}
          </button>
        )
      },
    },
  ]
}
