/** @jsxRuntime classic */
/** @jsx element */
import { isPortablePath, type ListedFile } from '../../../../manifests/index.js'
import { element } from '../../../shown/element.js'
import { unescaped } from '../../../shown/markup.js'
import { type Column, Table } from '../../../shown/table.js'
import { TITLE } from './title.js'

const COLUMNS: Column<ListedFile>[] = [
  { key: 'file', label: 'File', cell: ({ path }) => <code>{path}</code> },
  { key: 'bytes', label: 'Bytes', isNumber: true, cell: ({ size }) => size },
  { key: 'sum', label: 'SHA-256', cell: ({ sha256 }) => <code>{sha256}</code> },
]

/** The table at the end of the page. */
export function Files({ files }: { files: ListedFile[] }) {
  return <Table label="Files" columns={COLUMNS} rows={files} />
}

/** A row of that table. */
const ROW =
  /<tr><td data-head="File"><code>([^<]*)<\/code><\/td><td class="number" data-head="Bytes">(\d+)<\/td><td data-head="SHA-256"><code>([0-9a-f]{64})<\/code><\/td><\/tr>/g

/**
 * The files that a page lists, for when it is the only list left; undefined if it is not one of our pages.
 */
export function listedFiles(page: Uint8Array): ListedFile[] | undefined {
  const text = Buffer.from(page).toString('utf8')
  if (!text.includes(`<title>${TITLE}</title>`)) return undefined
  return [...text.matchAll(ROW)].flatMap(([, path = '', size, sha256 = '']) => {
    const plain = unescaped(path)
    return isPortablePath(plain) ? [{ path: plain, size: Number(size), sha256 }] : []
  })
}
