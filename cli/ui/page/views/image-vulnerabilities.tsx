import { useMemo, useState } from 'preact/hooks'
import {
  SEVERITIES,
  type Severity,
  type VulnerabilitiesAnswer,
  type VulnerabilityRow,
} from '../../protocol/actions.js'
import { CommandBox } from '../parts/command-box.js'
import { FailureBox } from '../parts/failure.js'
import { TextField } from '../parts/field.js'
import { type Column, LongTable } from '../parts/long-table.js'
import { useAnswer } from '../parts/use-answer.js'
import { day } from '../state/amounts.js'
import { t } from '../words/words.js'
import { AddAdvisories } from './add-advisories.js'
import { withWords } from './with-words.js'

/** What the database knows about the packages of an image, the most severe first. */
export function VulnerabilitiesTab({ name }: { name: string }) {
  const [text, setText] = useState('')
  const { answer, failure, isLoading, again } = useAnswer('vulnerabilities', { name })
  const all = answer?.vulnerabilities ?? []
  const shown = useMemo(() => withWords(all, text, wordsOf), [answer, text])
  return (
    <>
      {failure && <FailureBox failure={failure} again={again} />}
      {isLoading && <p role="status">{t('loading')}</p>}
      {answer && <Bars counts={answer.counts} />}
      {answer && <Dates answer={answer} />}
      {answer && all.length === 0 && <p class="empty">{t('noVulnerabilities')}</p>}
      {all.length > 0 && (
        <TextField label={t('searchVulnerabilities')} isSearch value={text} onChange={setText} />
      )}
      {all.length > 0 && shown.length === 0 && <p class="empty">{t('nothingFound')}</p>}
      {shown.length > 0 && (
        <LongTable
          label={t('vulnerabilities')}
          columns={columns()}
          rows={shown}
          keyOf={(row) => `${row.id} ${row.package} ${row.version} ${row.layer}`}
        />
      )}
      <AddAdvisories onDone={again} />
      <CommandBox action="vulnerabilities" request={{ name }} />
    </>
  )
}

/** How many there are of each severity; the numbers say the same as the bars. */
function Bars({ counts }: { counts: Record<Severity, number> }) {
  const most = Math.max(1, ...Object.values(counts))
  return (
    <ul class="bars" aria-label={t('severity')}>
      {SEVERITIES.map((severity) => (
        <li key={severity}>
          <span class={`badge ${severity}`}>{t(severity)}</span>
          <span class="bar" aria-hidden="true">
            <span class={severity} style={{ width: `${(100 * counts[severity]) / most}%` }} />
          </span>
          <strong>{counts[severity]}</strong>
        </li>
      ))}
    </ul>
  )
}

function Dates({ answer: { database, endOfLife } }: { answer: VulnerabilitiesAnswer }) {
  const { date, ageDays, isOld } = database
  return (
    <p class={isOld || endOfLife?.isOver ? 'box bad' : 'faint'}>
      {date !== undefined && t('databaseAge', { date: day(date), n: ageDays ?? 0 })}{' '}
      {isOld && t('databaseOld')}{' '}
      {endOfLife && t(endOfLife.isOver ? 'endOfLife' : 'endsOn', { date: endOfLife.end })}
    </p>
  )
}

function wordsOf(row: VulnerabilityRow): string {
  return `${row.id} ${row.package} ${row.version} ${row.severity} ${row.summary}`
}

function columns(): Column<VulnerabilityRow>[] {
  return [
    {
      key: 'severity',
      label: t('severity'),
      cell: ({ severity, score }) => (
        <span class={`badge ${severity}`} title={score === undefined ? undefined : `CVSS ${score}`}>
          {t(severity)}
        </span>
      ),
    },
    {
      key: 'name',
      label: t('id'),
      cell: (row) => <bdi title={row.summary}>{row.id}</bdi>,
      narrow: (row) => (
        <>
          {row.package} {row.version}
        </>
      ),
    },
    {
      key: 'version',
      label: t('packages'),
      from: 'medium',
      cell: (row) => (
        <bdi title={row.version}>
          {row.package} {row.version}
        </bdi>
      ),
    },
    { key: 'tag', label: t('fixedIn'), from: 'medium', cell: ({ fixedIn }) => fixedIn ?? t('noFix') },
    { key: 'summary', label: t('overview'), from: 'wide', cell: ({ summary }) => summary },
  ]
}
