import { useState } from 'preact/hooks'
import type { Failure, FileRow } from '../../protocol/actions.js'
import { CommandBox } from '../parts/command-box.js'
import { FailureBox } from '../parts/failure.js'
import { TextField } from '../parts/field.js'
import { type Column, LongTable } from '../parts/long-table.js'
import { failureOf, useAnswer } from '../parts/use-answer.js'
import { day, size } from '../state/amounts.js'
import { download } from '../state/client.js'
import { t } from '../words/words.js'

/** The files of an image, folder by folder, as they are after all layers have been applied. */
export function FilesTab({ name }: { name: string }) {
  const [folder, setFolder] = useState('/')
  const [text, setText] = useState('')
  const [asked, setAsked] = useState('')
  const [failure, setFailure] = useState<Failure>()
  const request = { name, ...(asked === '' ? { folder } : { text: asked }) }
  const found = useAnswer('files', request)
  const { files = [], total = 0 } = found.answer ?? {}
  const open = (path: string): void => {
    setFolder(path)
    setAsked('')
    setText('')
  }
  const take = (path: string): void => {
    setFailure(undefined)
    download(name, path).catch((error: unknown) => setFailure(failureOf(error)))
  }
  const search = (event: Event): void => {
    event.preventDefault()
    setAsked(text.trim())
  }
  return (
    <>
      <search>
        <form class="filters" onSubmit={search}>
          <TextField label={t('searchFiles')} isSearch value={text} onChange={setText} />
          <button type="submit">{t('search')}</button>
        </form>
      </search>
      {asked === '' && <Trail folder={folder} onOpen={open} />}
      {(found.failure ?? failure) && (
        <FailureBox failure={(found.failure ?? failure) as Failure} again={found.again} />
      )}
      <p class="faint" role="status">
        {found.isLoading ? t('loading') : countText(files.length, total)}
      </p>
      {found.answer && files.length === 0 && (
        <p class="empty">{asked === '' ? t('emptyFolder') : t('nothingFound')}</p>
      )}
      {files.length > 0 && (
        <LongTable
          label={t('files')}
          columns={columns(asked !== '', open, take)}
          rows={files}
          keyOf={({ path }) => path}
        />
      )}
      <CommandBox action="files" request={request} />
    </>
  )
}

function countText(shown: number, total: number): string {
  return shown === total ? t('rows', { n: total }) : t('rowsOf', { n: shown, all: total })
}

/** The folders above, each of which can be opened. */
function Trail({ folder, onOpen }: { folder: string; onOpen(path: string): void }) {
  const names = folder.split('/').filter(Boolean)
  return (
    <nav class="trail" aria-label={t('folder')}>
      <button type="button" class="link" onClick={() => onOpen('/')}>
        {t('root')}
      </button>
      {names.map((name, i) => (
        <span key={names.slice(0, i + 1).join('/')}>
          {' / '}
          <button type="button" class="link" onClick={() => onOpen(`/${names.slice(0, i + 1).join('/')}`)}>
            <bdi>{name}</bdi>
          </button>
        </span>
      ))}
    </nav>
  )
}

function columns(
  isSearch: boolean,
  onOpen: (path: string) => void,
  onTake: (path: string) => void,
): Column<FileRow>[] {
  return [
    {
      key: 'name',
      label: t('name'),
      cell: (row) => <NameOf row={row} isWhole={isSearch} onOpen={onOpen} />,
      narrow: (row) => (
        <>
          {row.mode} · {row.uid}:{row.gid} · {t('layer')} {row.layer}
        </>
      ),
    },
    { key: 'mode', label: t('mode'), from: 'medium', cell: ({ mode }) => <code>{mode}</code> },
    { key: 'owner', label: t('owner'), from: 'wide', cell: ({ uid, gid }) => `${uid}:${gid}` },
    { key: 'modified', label: t('changed'), from: 'wide', cell: ({ modified }) => day(modified) },
    { key: 'layer', label: t('layer'), from: 'medium', isNumber: true, cell: ({ layer }) => layer },
    {
      key: 'size',
      label: t('size'),
      isNumber: true,
      cell: (row) =>
        row.kind === 'folder' ? size(row.belowSize) : row.kind === 'file' ? size(row.size) : '',
    },
    {
      key: 'add',
      label: t('download'),
      cell: ({ kind, path }) =>
        kind === 'file' && (
          <button
            type="button"
            class="quiet small"
            aria-label={t('downloadNamed', { name: path })}
            onClick={() => onTake(path)}
          >
            ↓
          </button>
        ),
    },
  ]
}

function NameOf(props: { row: FileRow; isWhole: boolean; onOpen(path: string): void }) {
  const { row, isWhole, onOpen } = props
  const name = isWhole ? row.path : (row.path.split('/').at(-1) ?? '')
  if (row.kind === 'folder')
    return (
      <button type="button" class="link" onClick={() => onOpen(row.path)}>
        <bdi>{name}/</bdi>
      </button>
    )
  return (
    <span title={row.path}>
      <bdi>{name}</bdi>
      {row.target !== undefined && (
        <span class="faint">
          {' → '}
          <bdi>{row.target}</bdi>
        </span>
      )}
      {row.kind !== 'file' && row.kind !== 'link' && <span class="badge">{row.kind}</span>}
    </span>
  )
}
