import { printable } from '../../manifests/index.js'
import { cut, pad, widthOf } from './width.js'

export interface Column {
  title: string
  align?: 'left' | 'right'
  /** Columns shrink in the order of this number, the lowest first; those without it never shrink. */
  shrinks?: number
  /** Without a terminal its cells are shown in full, however long they are. */
  endless?: boolean
}

export interface TableOptions {
  /** Columns of the terminal; nothing is cut where it is undefined. */
  width?: number
  /** Spaces between two columns. */
  gap?: number
  /** A line of dashes under each title, as PowerShell draws it. */
  underlined?: boolean
}

/** No column shrinks below this, or below its title. */
const NARROWEST = 8

/**
 * In characters, as long as the longest path: a name from outside could be endless, and would make every row
 * as wide.
 */
const LONGEST_CELL = 4096

/** The lines of a table; cells may hold text from outside. */
export function table(columns: Column[], rows: string[][], options: TableOptions = {}): string[] {
  const { width, gap = 1, underlined = false } = options
  const harmless = rows.map((row) => columns.map((column, at) => cell(row[at] ?? '', column)))
  const titles = columns.map((column) => column.title)
  const widths = fitted(columns, natural([titles, ...harmless]), width, gap)
  const dashes = titles.map((title) => '-'.repeat(widthOf(title)))
  return [titles, ...(underlined ? [dashes] : []), ...harmless].map((row) => line(columns, row, widths, gap))
}

function cell(text: string, { endless }: Column): string {
  const isLong = !endless && text.length > LONGEST_CELL
  return printable(isLong ? `${text.slice(0, LONGEST_CELL - 3)}...` : text)
}

function natural(rows: string[][]): number[] {
  const [first = []] = rows
  const widths = first.map(() => 0)
  // One by one: a call takes only so many arguments, and a repository may have more tags.
  for (const row of rows)
    for (const at of widths.keys()) widths[at] = Math.max(widths[at] ?? 0, widthOf(row[at] ?? ''))
  return widths
}

function fitted(columns: Column[], widths: number[], width: number | undefined, gap: number): number[] {
  const left = [...widths]
  if (width === undefined) return left
  const order = columns
    .map((column, at) => ({ ...column, at }))
    .filter((column) => column.shrinks !== undefined)
    .sort((a, b) => (a.shrinks ?? 0) - (b.shrinks ?? 0))
  let excess = left.reduce((sum, one) => sum + one, 0) + gap * (columns.length - 1) - width
  for (const { at, title } of order) {
    const now = left[at] ?? 0
    const least = Math.min(now, Math.max(NARROWEST, widthOf(title)))
    const given = Math.min(Math.max(0, excess), now - least)
    left[at] = now - given
    excess -= given
  }
  return left
}

function line(columns: Column[], row: string[], widths: number[], gap: number): string {
  const cells = row.map((cell, at) => pad(cut(cell, widths[at] ?? 0), widths[at] ?? 0, columns[at]?.align))
  return cells.join(' '.repeat(gap)).trimEnd()
}
