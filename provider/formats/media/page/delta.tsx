/** @jsxRuntime classic */
/** @jsx element */
/** @jsxFrag Pieces */
import { type DeltaList, savedBytes } from '../../../../manifests/index.js'
import { size } from '../../../shown/amounts.js'
import { element, Pieces } from '../../../shown/element.js'
import { Table } from '../../../shown/table.js'
import { counted } from './counted.js'

/** What the other side must have already. */
export function Delta({ delta }: { delta: DeltaList }) {
  const { bases, missing } = delta
  return (
    <>
      <h2>A delta</h2>
      <p>
        This media is for hosts that have {counted(missing.length, 'blob')} of its images already,{' '}
        {size(savedBytes(delta))}; these are not on it. Where one is missing, install says so and changes
        nothing. What such a host has is known from:
      </p>
      <Table
        label="What such a host has"
        columns={[
          { key: 'file', label: 'File', cell: ({ name }) => name },
          { key: 'kind', label: 'Kind', cell: ({ kind }) => kind },
          { key: 'made', label: 'Made', cell: ({ created }) => created },
          { key: 'id', label: 'Id', cell: ({ id }) => <code>{id}</code> },
        ]}
        rows={bases}
      />
      <Table
        label="Not on the media"
        columns={[
          { key: 'blob', label: 'Not on the media', cell: ({ digest }) => <code>{digest}</code> },
          { key: 'bytes', label: 'Bytes', isNumber: true, cell: ({ size: bytes }) => bytes },
          { key: 'needed', label: 'Needed by', cell: ({ neededBy }) => neededBy.join(', ') },
          { key: 'part', label: 'Part of', cell: ({ inBase }) => inBase.join(', ') },
        ]}
        rows={missing}
      />
    </>
  )
}
