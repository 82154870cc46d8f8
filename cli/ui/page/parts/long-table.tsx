import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Column } from '../../../../provider/shown/index.js'
import { t } from '../words/words.js'
import { drawn } from './shown.js'
import { visibleRows } from './visible-rows.js'

export type { Column } from '../../../../provider/shown/index.js'

export interface LongTableProps<Row> {
  label: string
  columns: Column<Row>[]
  rows: Row[]
  keyOf(row: Row): string
  sort?: { key: string; isDown: boolean }
  onSort?(key: string): void
}

const NARROW = '(max-width: 640px)'
const HEIGHT = { narrow: 60, wide: 42 }

/** A table of any length: only the visible rows are drawn, all of them of the same height. */
export function LongTable<Row>({ label, columns, rows, keyOf, sort, onSort }: LongTableProps<Row>) {
  const scroller = useRef<HTMLElement>(null)
  const rowHeight = useRowHeight()
  const [view, setView] = useState({ top: 0, height: 800 })
  const [active, setActive] = useState(0)
  const focusNext = useRef(false)
  const look = (): void => {
    const { scrollTop = 0, clientHeight = 0 } = scroller.current ?? {}
    setView({ top: scrollTop, height: clientHeight })
  }
  useLayoutEffect(look, [])
  useEffect(() => {
    addEventListener('resize', look)
    return () => removeEventListener('resize', look)
  })
  const { first, end } = visibleRows(rows.length, rowHeight, view.top, view.height)
  const current = Math.min(active, Math.max(0, rows.length - 1))
  useEffect(() => {
    if (!focusNext.current) return
    const link = scroller.current?.querySelector<HTMLElement>(`[data-row="${current}"] a`)
    if (link) focusNext.current = false
    link?.focus({ preventScroll: true })
  })
  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(view.height / rowHeight) - 2)
    const to = target(event.key, current, page, rows.length)
    if (to === undefined || !(event.target instanceof HTMLAnchorElement)) return
    event.preventDefault()
    focusNext.current = true
    setActive(to)
    const box = scroller.current
    if (!box) return
    const top = to * rowHeight
    if (top < box.scrollTop) box.scrollTop = top
    else if (top + 2 * rowHeight > box.scrollTop + box.clientHeight)
      box.scrollTop = top + 2 * rowHeight - box.clientHeight
    look()
  }
  return (
    <section class="scroller" ref={scroller} onScroll={look} onKeyDown={onKeyDown} aria-label={label}>
      <table class="long" aria-label={label} aria-rowcount={rows.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <HeadCell key={column.key} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Space height={first * rowHeight} columns={columns.length} />
          {rows.slice(first, end).map((row, i) => (
            <tr
              key={keyOf(row)}
              aria-rowindex={first + i + 2}
              data-row={first + i}
              onFocusIn={() => setActive(first + i)}
            >
              {columns.map((column) => (
                <td key={column.key} class={classOf(column)}>
                  {drawn(column.cell(row))}
                  {column.narrow && <small class="only-narrow">{drawn(column.narrow(row))}</small>}
                </td>
              ))}
            </tr>
          ))}
          <Space height={(rows.length - end) * rowHeight} columns={columns.length} />
        </tbody>
      </table>
    </section>
  )
}

function HeadCell<Row>(props: { column: Column<Row> } & Pick<LongTableProps<Row>, 'sort' | 'onSort'>) {
  const { column, sort, onSort } = props
  const isSorted = sort?.key === column.key
  const order = isSorted ? (sort.isDown ? 'descending' : 'ascending') : undefined
  return (
    <th scope="col" class={classOf(column)} aria-sort={order}>
      {column.sorts && onSort ? (
        <button
          type="button"
          class="sort"
          title={t('sortedBy', { name: column.label })}
          onClick={() => onSort(column.key)}
        >
          {column.label}
          <span aria-hidden="true">{isSorted ? (sort.isDown ? ' ↓' : ' ↑') : ''}</span>
        </button>
      ) : (
        column.label
      )}
    </th>
  )
}

function Space({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row takes no focus
    <tr aria-hidden="true" class="space">
      <td colSpan={columns} style={{ height: `${height}px` }} />
    </tr>
  )
}

function classOf<Row>({ key, isNumber, from }: Column<Row>): string {
  return [`c-${key}`, isNumber ? 'number' : '', from ? `from-${from}` : ''].filter(Boolean).join(' ')
}

function target(key: string, current: number, page: number, count: number): number | undefined {
  const steps: Record<string, number> = {
    ArrowDown: current + 1,
    ArrowUp: current - 1,
    PageDown: current + page,
    PageUp: current - page,
    Home: 0,
    End: count - 1,
  }
  const to = steps[key]
  return to === undefined ? undefined : Math.max(0, Math.min(count - 1, to))
}

function useRowHeight(): number {
  const [isNarrow, set] = useState(() => matchMedia(NARROW).matches)
  useEffect(() => {
    const query = matchMedia(NARROW)
    const changed = (): void => set(query.matches)
    query.addEventListener('change', changed)
    return () => query.removeEventListener('change', changed)
  }, [])
  return isNarrow ? HEIGHT.narrow : HEIGHT.wide
}
