import { useMemo, useState } from 'preact/hooks'
import { packageColumns } from '../../../../provider/shown/index.js'
import type { CarriedSbom, PackageRow } from '../../protocol/actions.js'
import { CommandBox } from '../parts/command-box.js'
import { FailureBox } from '../parts/failure.js'
import { TextField } from '../parts/field.js'
import { type Column, LongTable } from '../parts/long-table.js'
import { useAnswer } from '../parts/use-answer.js'
import { t } from '../words/words.js'
import { withWords } from './with-words.js'

/** The packages of the distribution, and the libraries that programs use. */
export function PackagesTab({ name }: { name: string }) {
  const [text, setText] = useState('')
  const { answer, failure, isLoading, again } = useAnswer('packages', { name })
  const { packages = [], notes = [], carried = [], distribution } = answer ?? {}
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
      {carried.map((sbom) => (
        <Carried key={sbom.digest + sbom.format} sbom={sbom} />
      ))}
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

/** What somebody else lists for the image, beside what was found in it. */
function Carried({ sbom }: { sbom: CarriedSbom }) {
  const { digest, format, packages, both, onlyThere, onlyHere } = sbom
  const differences: [string, string[]][] = [
    [t('onlyListed'), onlyThere],
    [t('onlyFound'), onlyHere],
  ]
  return (
    <details class="box">
      <summary>{t('carriedSbom', { format: FORMATS[format] ?? format, n: packages, both })}</summary>
      <p>
        <code>{digest}</code>
      </p>
      {differences
        .filter(([, urls]) => urls.length > 0)
        .map(([label, urls]) => (
          <section key={label}>
            <h2>
              {label} ({urls.length})
            </h2>
            <ul class="notes">
              {urls.slice(0, MOST_SHOWN).map((url) => (
                <li key={url}>
                  <code>{url}</code>
                </li>
              ))}
            </ul>
          </section>
        ))}
    </details>
  )
}

const FORMATS: Record<string, string> = { cyclonedx: 'CycloneDX', spdx: 'SPDX' }
/** More than anybody reads here; the command line has all. */
const MOST_SHOWN = 200

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
    ...packageColumns<PackageRow>(),
    { key: 'layer', label: t('layer'), from: 'medium', isNumber: true, cell: ({ layer }) => layer },
    { key: 'file', label: t('file'), from: 'wide', cell: ({ file }) => <code title={file}>{file}</code> },
  ]
}
