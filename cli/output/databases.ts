import type { DatabaseChange, DatabaseList } from '../../provider/index.js'
import { age } from './ages.js'
import { size } from './sizes.js'
import { table } from './table.js'

/** One line per source, and the file at the end. */
export function databaseLines(found: DatabaseList, now: Date, width: number | undefined): string[] {
  if (!found.exists) return [`There is no database of advisories at ${found.path}.`]
  if (found.sources.length === 0) return [`The database ${found.path} has no sources.`]
  const columns = [
    { title: 'SOURCE', shrinks: 1 },
    { title: 'ADVISORIES', align: 'right' as const },
    { title: 'DATE' },
    { title: 'AGE' },
  ]
  const rows = found.sources.map(({ name, advisories, date }) => [
    name,
    String(advisories),
    date.slice(0, 10) || 'unknown',
    age(date, now),
  ])
  return [...table(columns, rows, { width, gap: 2 }), `Database ${found.path}, ${size(found.size)}`]
}

export function databaseChangeLines(changed: DatabaseChange, whatIf: boolean): string[] {
  const added = changed.added.map(({ name, advisories, before }) => {
    const had = before === undefined ? '' : `, in place of ${before}`
    return `${whatIf ? 'Would add' : 'Added'} ${name}: ${advisories} advisories${had}`
  })
  const removed = changed.removed.map((name) => `${whatIf ? 'Would remove' : 'Removed'} ${name}`)
  const broken =
    changed.brokenCount > 0 ? [`${changed.brokenCount} problems in what was read; it was left out.`] : []
  const file = whatIf ? [] : [`Database ${changed.path}, ${size(changed.size)}`]
  return [...added, ...removed, ...broken, ...file]
}
