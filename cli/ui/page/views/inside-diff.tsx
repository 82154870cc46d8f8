import type { DiffAnswer } from '../../protocol/actions.js'
import { CommandBox } from '../parts/command-box.js'
import { FailureBox } from '../parts/failure.js'
import { type Column, LongTable } from '../parts/long-table.js'
import { ShortTable } from '../parts/shown.js'
import { useAnswer } from '../parts/use-answer.js'
import { size } from '../state/amounts.js'
import { type Key, t } from '../words/words.js'

type ChangedFile = DiffAnswer['files'][number]

const CHANGES: Record<ChangedFile['change'], [Key, string]> = {
  added: ['addedFile', 'good'],
  removed: ['removedFile', 'bad'],
  changed: ['changedFile', ''],
}

/** In which packages and files two images differ; their layers are read for this. */
export function InsideDiff({ first, second }: { first: string; second: string }) {
  const { answer, failure, isLoading, again } = useAnswer('diff', { first, second })
  return (
    <>
      {failure && <FailureBox failure={failure} again={again} />}
      {isLoading && <p role="status">{t('loading')}</p>}
      {answer && <Packages packages={answer.packages} />}
      {answer && <Files files={answer.files} total={answer.filesTotal} />}
      <CommandBox action="diff" request={{ first, second }} />
    </>
  )
}

function Packages({ packages }: Pick<DiffAnswer, 'packages'>) {
  return (
    <>
      <h2>{t('packageDiff')}</h2>
      {packages.length === 0 && <p class="faint">{t('samePackages')}</p>}
      {packages.length > 0 && (
        <ShortTable
          label={t('packageDiff')}
          heads={[t('name'), t('kind'), t('imageA'), t('imageB')]}
          rows={packages.map((one) => [one.name, one.kind, versions(one.first), versions(one.second)])}
        />
      )}
    </>
  )
}

function versions(all: string[]): string {
  return all.join(', ') || '–'
}

function Files({ files, total }: { files: ChangedFile[]; total: number }) {
  return (
    <>
      <h2>{t('fileDiff')}</h2>
      <p class="faint">
        {total === 0 && t('sameFiles')}
        {total > 0 &&
          (total === files.length ? t('rows', { n: total }) : t('rowsOf', { n: files.length, all: total }))}
      </p>
      {files.length > 0 && (
        <LongTable label={t('fileDiff')} columns={columns()} rows={files} keyOf={({ path }) => path} />
      )}
    </>
  )
}

function columns(): Column<ChangedFile>[] {
  return [
    { key: 'name', label: t('file'), cell: ({ path }) => <bdi title={path}>{path}</bdi> },
    {
      key: 'kind',
      label: t('change'),
      cell: ({ change }) => <span class={`badge ${CHANGES[change][1]}`}>{t(CHANGES[change][0])}</span>,
    },
    {
      key: 'size',
      label: t('imageA'),
      isNumber: true,
      from: 'medium',
      cell: ({ firstSize }) => size(firstSize),
    },
    {
      key: 'second',
      label: t('imageB'),
      isNumber: true,
      from: 'medium',
      cell: ({ secondSize }) => size(secondSize),
    },
  ]
}
