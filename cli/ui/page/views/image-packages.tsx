import { useMemo, useState } from 'preact/hooks'
import type { PackageRow } from '../../protocol/actions.js'
import { CommandBox } from '../parts/command-box.js'
import { FailureBox } from '../parts/failure.js'
import { TextField } from '../parts/field.js'
import { type Column, LongTable } from '../parts/long-table.js'
import { useAnswer } from '../parts/use-answer.js'
import { t } from '../words/words.js'
import { withWords } from './with-words.js'

/** The packages of the distribution, and the libraries of programs. */
export function PackagesTab({ name }: { name: string }) {
  const [text, setText] = useState('')
  const { answer, failure, isLoading, again } = useAnswer('packages', { name })
  const { packages = [], notes = [], distribution } = answer ?? {}
  const shown = useMemo(() => withWords(packages, text, wordsOf), [answer, text])
  return (
    <>
      <TextField label={t('searchPackages')} isSearch value={text} onChange={setText} />
      {failure && <FailureBox failure={failure} again={again} />}
      <p class="faint" role="status">
        {isLoading && t('loading')}
        {answer && countText(shown.length, packages.length)}
        {distribution && ` · ${t('distribution')}: ${distribution.prettyName ?? distribution.id}`}
      </p>
      {answer && packages.length === 0 && <p class="empty">{t('noPackages')}</p>}
      {packages.length > 0 && shown.length === 0 && <p class="empty">{t('nothingFound')}</p>}
      {shown.length > 0 && <LongTable label={t('packages')} columns={columns()} rows={shown} keyOf={keyOf} />}
      {notes.length > 0 && (
        <ul class="notes">
          {notes.map(({ file, message }) => (
            <li key={file + message}>
              <code>{file}</code> {message}
            </li>
          ))}
        </ul>
      )}
      <CommandBox action="packages" request={{ name }} />
    </>
  )
}

function countText(shown: number, all: number): string {
  return shown === all ? t('packageCount', { n: all }) : t('packageCountOf', { n: shown, all })
}

function keyOf({ kind, name, version, architecture, file }: PackageRow): string {
  return `${kind} ${name} ${version} ${architecture} ${file}`
}

function wordsOf({ kind, name, version, licence = '', source }: PackageRow): string {
  return `${kind} ${name} ${version} ${licence} ${source?.name ?? ''}`
}

function columns(): Column<PackageRow>[] {
  return [
    {
      key: 'name',
      label: t('name'),
      cell: ({ name, version, kind, purl, file }) => (
        <>
          <bdi title={purl ?? file}>{name}</bdi>
          <small class="only-narrow">
            {version} · {kind}
          </small>
        </>
      ),
    },
    { key: 'version', label: t('version'), from: 'medium', cell: ({ version }) => <bdi>{version}</bdi> },
    { key: 'kind', label: t('kind'), cell: ({ kind }) => <span class="badge">{kind}</span> },
    {
      key: 'licence',
      label: t('licence'),
      from: 'wide',
      cell: ({ licence = '' }) => <span title={licence}>{licence}</span>,
    },
    { key: 'layer', label: t('layer'), from: 'medium', isNumber: true, cell: ({ layer }) => layer },
    { key: 'file', label: t('file'), from: 'wide', cell: ({ file }) => <code title={file}>{file}</code> },
  ]
}
