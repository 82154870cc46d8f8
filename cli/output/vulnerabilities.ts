import type { Severity, VulnerabilitiesResult } from '../../provider/index.js'
import { type Column, table } from './table.js'

const COLUMNS: Column[] = [
  { title: 'ID' },
  { title: 'SEVERITY' },
  { title: 'PACKAGE' },
  { title: 'VERSION' },
  { title: 'FIXED IN' },
]

/** From the worst down. */
const LEVELS: Severity[] = ['critical', 'high', 'medium', 'low', 'negligible', 'unknown']

/**
 * The table, then what it does not say: how many there are, what was compared, how old the database is, and
 * until when there are fixes.
 */
export function vulnerabilityLines(result: VulnerabilitiesResult): string[] {
  const rows = result.vulnerabilities.map(({ id, severity, package: name, version, fixedIn }) => [
    id,
    severity,
    name,
    version,
    fixedIn ?? '(no fix yet)',
  ])
  return [
    ...(rows.length > 0 ? table(COLUMNS, rows, { gap: 2 }) : []),
    countsLine(result),
    ...ignoredLines(result),
    ...packagesLines(result),
    ...supportLines(result),
    databaseLine(result),
  ]
}

function countsLine({ vulnerabilities, counts, hidden, packages }: VulnerabilitiesResult): string {
  const more = hidden > 0 ? `, and ${hidden} that are not shown` : ''
  const each = LEVELS.filter((level) => counts[level] > 0).map((level) => `${counts[level]} ${level}`)
  if (vulnerabilities.length > 0)
    return `${counted(vulnerabilities.length, 'vulnerability', 'vulnerabilities')}: ${each.join(', ')}${more}`
  if (packages === 0) return 'No package could be compared.'
  return hidden > 0
    ? `None of those that were asked for; not shown: ${hidden}`
    : 'No vulnerabilities are known'
}

function ignoredLines({ ignored }: VulnerabilitiesResult): string[] {
  const files = new Map<string, number>()
  for (const { ignoredBy } of ignored) files.set(ignoredBy, (files.get(ignoredBy) ?? 0) + 1)
  return [...files].map(([file, count]) => `Ignored: ${count}, by ${file}`)
}

function packagesLines({ packages, unknown, distribution }: VulnerabilitiesResult): string[] {
  const name = distribution?.prettyName ?? [distribution?.id, distribution?.version].filter(Boolean).join(' ')
  const of = name === '' ? '' : ` of ${name}`
  return [
    `Compared: ${counted(packages, 'package', 'packages')}${of}`,
    ...unknown.map(
      ({ ecosystem, packages: count }) =>
        `NOT compared: ${counted(count, 'package', 'packages')} of ${ecosystem}: the database has nothing of it`,
    ),
  ]
}

function supportLines({ endOfLife }: VulnerabilitiesResult): string[] {
  if (!endOfLife) return []
  const { end, isOver, longer } = endOfLife
  const by = longer ? `; by ${longer.by} ${longer.isOver ? 'it ended on' : 'until'} ${longer.end}` : ''
  return [isOver ? `Support ENDED on ${end}${by}` : `Supported until ${end}${by}`]
}

function databaseLine({ database: { date, ageDays, sources, path } }: VulnerabilitiesResult): string {
  const names = sources.map(({ name }) => name).join(', ')
  if (date === undefined || ageDays === undefined)
    return `Database ${path}${names === '' ? '' : `: ${names}`}`
  return `Database of ${date.slice(0, 10)}, ${counted(ageDays, 'day', 'days')} old: ${names}`
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}
