/** @jsxRuntime classic */
/** @jsx element */
import { element } from './element.js'
import type { Column } from './table.js'
import { word } from './words/words.js'

export interface ShownPackage {
  name: string
  version: string
  /** `deb`, `npm`; empty if it is not known. */
  kind: string
  licence?: string | undefined
  purl?: string | undefined
  file?: string | undefined
}

export function packageColumns<Row extends ShownPackage>(): Column<Row>[] {
  return [
    {
      key: 'name',
      label: word('name'),
      cell: ({ name, purl, file }) => <bdi title={purl ?? file}>{name}</bdi>,
      narrow: ({ version, kind }) => `${version} · ${kind}`,
    },
    { key: 'version', label: word('version'), from: 'medium', cell: ({ version }) => <bdi>{version}</bdi> },
    {
      key: 'kind',
      label: word('kind'),
      cell: ({ kind }) => kind !== '' && <span class="badge">{kind}</span>,
    },
    {
      key: 'licence',
      label: word('licence'),
      from: 'wide',
      cell: ({ licence = '' }) => <span title={licence}>{licence}</span>,
    },
  ]
}
