/** @jsxRuntime classic */
/** @jsx element */
import { size } from './amounts.js'
import { element } from './element.js'
import type { Column } from './table.js'
import { word } from './words/words.js'

export interface ShownImage {
  name: string
  version: string
  platform: string
  size: number
}

/** Of images that are carried or installed: what each of them is, and how large. */
export function imageColumns<Row extends ShownImage>(): Column<Row>[] {
  return [
    { key: 'name', label: word('name'), cell: ({ name }) => <bdi>{name}</bdi> },
    { key: 'version', label: word('version'), cell: ({ version }) => <bdi>{version}</bdi> },
    { key: 'platform', label: word('platform'), cell: ({ platform }) => platform },
    { key: 'size', label: word('size'), isNumber: true, cell: (row) => size(row.size) },
  ]
}
