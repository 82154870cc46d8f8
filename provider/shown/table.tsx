/** @jsxRuntime classic */
/** @jsx element */
import { type Child, element } from './element.js'

export interface Column<Row> {
  key: string
  label: string
  cell(row: Row): Child
  isNumber?: boolean
  /** In a long table the column is left out if there is less room: `wide` below 1000 pixels, `medium` below 640. */
  from?: 'medium' | 'wide'
  /** Whether a click on its heading sorts a long table by it. */
  sorts?: boolean
  /** What a long table shows below the cell on narrow screens, in place of the columns that are left out. */
  narrow?(row: Row): Child
}

export interface TableProps<Row> {
  label: string
  columns: Column<Row>[]
  rows: Iterable<Row>
  id?: string
}

/** A table with all its rows; on narrow screens each row becomes a block whose cells name their columns. */
export function Table<Row>({ label, columns, rows, id }: TableProps<Row>) {
  return (
    <table class="short" id={id} aria-label={label}>
      <thead>
        <tr>
          {columns.map(({ key, label: head, isNumber }) => (
            <th key={key} scope="col" class={isNumber && 'number'}>
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{rowsOf(columns, rows)}</tbody>
    </table>
  )
}

function* rowsOf<Row>(columns: Column<Row>[], rows: Iterable<Row>): Generator<Child> {
  let number = 0
  for (const row of rows) {
    yield (
      <tr key={number}>
        {columns.map(({ key, label, isNumber, cell }) => (
          <td key={key} class={isNumber && 'number'} data-head={label}>
            {cell(row)}
          </td>
        ))}
      </tr>
    )
    number++
  }
}

/** A table whose cells are there already. */
export function ShortTable(props: { label: string; heads: string[]; rows: Child[][] }) {
  const { label, heads, rows } = props
  const columns = heads.map(
    (head, i): Column<Child[]> => ({ key: head, label: head, cell: (cells) => cells[i] }),
  )
  return <Table label={label} columns={columns} rows={rows} />
}
