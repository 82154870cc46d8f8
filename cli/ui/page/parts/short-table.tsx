import type { ComponentChildren } from 'preact'

/** A table of a few rows; on narrow screens each row becomes a block whose cells name their columns. */
export function ShortTable(props: { label: string; heads: string[]; rows: ComponentChildren[][] }) {
  const { label, heads, rows } = props
  return (
    <table class="short" aria-label={label}>
      <thead>
        <tr>
          {heads.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((cells, row) => (
          <tr key={row}>
            {cells.map((cell, i) => (
              <td key={heads[i]} data-head={heads[i]}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
