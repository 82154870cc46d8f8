import { type Findings, show } from '../../../manifests/index.js'
import { isObject } from '../../../manifests/json-kinds.js'
import { orderOf } from '../versions/orders.js'
import type { Affected, ReadAdvisory, VersionRange } from './advisory.js'
import { cvssScore } from './cvss.js'
import { ecosystemKey, packageKey } from './ecosystems.js'
import { isInRange } from './in-range.js'
import { listed, member, summaryOf, word, words } from './json-facts.js'
import { rangesOf } from './ranges.js'
import { type Severity, severityOfScore, severityOfWord } from './severity.js'

/** Whether a JSON value looks like an OSV record. */
export function isOsv(value: unknown): boolean {
  return (
    isObject(value) &&
    'id' in value &&
    ('affected' in value || 'schema_version' in value || 'withdrawn' in value)
  )
}

/** Bounds on one record; the largest of the publishers', of a kernel, name some hundred packages. */
const MOST_AFFECTED = 20_000
const MOST_ALIASES = 200
/** A package with more releases has ranges as well. */
const MOST_VERSIONS = 50_000

/** An advisory of the OSV schema 1.x (ossf.github.io/osv-schema). @param findings what is wrong with it */
export function readOsv(value: unknown, findings: Findings): ReadAdvisory | undefined {
  const id = word(member(value, 'id'))
  if (id === undefined) {
    findings.add('id', 'the id of an advisory', member(value, 'id'))
    return undefined
  }
  const affected = affectedOf(member(value, 'affected'), findings)
  const score = scoreOf(member(value, 'severity'))
  return {
    id,
    aliases: aliasesOf(value, id),
    summary: summaryOf(member(value, 'summary'), member(value, 'details')),
    severity: severityOf(value, score),
    ...(score === undefined ? {} : { score }),
    modified: timeOf(member(value, 'modified')),
    isWithdrawn: member(value, 'withdrawn') !== undefined && member(value, 'withdrawn') !== null,
    affected,
  }
}

/**
 * `upstream` is what a distribution's advisory fixes (schema 1.7); older ones from distributions call it
 * `related`.
 */
function aliasesOf(value: unknown, id: string): string[] {
  const upstream = words(member(value, 'upstream'))
  const all = [...words(member(value, 'aliases')), ...upstream]
  const isRepair = /^(?:DSA|DLA|USN|RHSA|RHBA|RHEA|ALSA|ALBA|ALEA|RLSA|RXSA|SUSE|openSUSE)/.test(id)
  if (isRepair && all.length === 0)
    all.push(...words(member(value, 'related')).filter((one) => one.startsWith('CVE-')))
  return [...new Set(all)]
    .filter((one) => one !== id)
    .sort()
    .slice(0, MOST_ALIASES)
}

function timeOf(value: unknown): string {
  const text = word(value)
  const time = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(time) ? '' : new Date(time).toISOString()
}

/** The newest kind of vector counts: CVSS 4.0 before 3.1, 3.0 and 2.0. */
function scoreOf(severity: unknown): number | undefined {
  const vectors = words(listed(severity).map((one) => member(one, 'score'))).filter((one) =>
    one.includes('/'),
  )
  const rank = (vector: string): number => (vector.startsWith('CVSS:') ? Number(vector.slice(5, 8)) : 2)
  const scores = vectors.sort((a, b) => rank(b) - rank(a)).map(cvssScore)
  return scores.find((score) => score !== undefined)
}

/** A publisher's own rating takes precedence over the score: it knows how its packages are built. */
function severityOf(value: unknown, score: number | undefined): Severity {
  const ubuntu = listed(member(value, 'severity')).find((one) => member(one, 'type') === 'Ubuntu')
  const said = [
    member(ubuntu, 'score'),
    member(member(value, 'database_specific'), 'severity'),
    // AlmaLinux and Rocky Linux write it before the summary.
    /^(Critical|Important|Moderate|Low):/.exec(String(member(value, 'summary') ?? '').slice(0, 20))?.[1],
  ].map(severityOfWord)
  const first = said.find((one) => one !== 'unknown')
  return first ?? (score === undefined ? 'unknown' : severityOfScore(score))
}

function affectedOf(value: unknown, findings: Findings): Affected[] {
  if (value === undefined) return []
  if (!Array.isArray(value) || value.length > MOST_AFFECTED) {
    findings.note(
      'affected',
      `a list of at most ${MOST_AFFECTED} packages`,
      Array.isArray(value) ? `${value.length}` : show(value),
    )
    return []
  }
  return value.flatMap((one, at) => affectedPackage(one, `affected[${at}]`, findings) ?? [])
}

function affectedPackage(value: unknown, where: string, findings: Findings): Affected | undefined {
  const found = member(value, 'package')
  // Something that is only in a source repository has none.
  if (found === undefined || found === null) return undefined
  const ecosystem = word(member(found, 'ecosystem'))
  const name = word(member(found, 'name'))
  if (ecosystem === undefined || name === undefined) {
    findings.add(`${where}.package`, 'an ecosystem and a name', found)
    return undefined
  }
  const ranges = rangesIn(value, ecosystem, where, findings)
  const versions = versionsIn(value, ecosystem, ranges, where, findings)
  if (ranges.length === 0 && versions.length === 0) return undefined
  const severity = ownSeverity(value)
  const key = ecosystemKey(ecosystem)
  return {
    ecosystem: key,
    name: packageKey(key, name),
    ranges,
    versions,
    ...(severity === 'unknown' ? {} : { severity }),
  }
}

function rangesIn(value: unknown, ecosystem: string, where: string, findings: Findings): VersionRange[] {
  const order = orderOf(ecosystem)
  return listed(member(value, 'ranges')).flatMap((range, at) => {
    const type = member(range, 'type')
    // Commits say nothing about a package.
    if (type === 'GIT') return []
    if (type === 'ECOSYSTEM' || type === 'SEMVER')
      return rangesOf(range, order, `${where}.ranges[${at}]`, findings)
    findings.add(`${where}.ranges[${at}].type`, 'ECOSYSTEM, SEMVER or GIT', type)
    return []
  })
}

/** Only those that no range has: most exports also list each single version of their ranges. */
function versionsIn(
  value: unknown,
  ecosystem: string,
  ranges: VersionRange[],
  where: string,
  findings: Findings,
): string[] {
  const versions = member(value, 'versions')
  if (versions === undefined || versions === null) return []
  if (!Array.isArray(versions) || versions.length > MOST_VERSIONS) {
    findings.note(
      `${where}.versions`,
      `a list of at most ${MOST_VERSIONS} versions`,
      Array.isArray(versions) ? `${versions.length}` : show(versions),
    )
    return []
  }
  const order = orderOf(ecosystem)
  return words(versions).filter((version) => !ranges.some((range) => isInRange(version, range, order)))
}

/** Only for this package: a vector, Debian's urgency, Ubuntu's priority. */
function ownSeverity(value: unknown): Severity {
  const specific = [member(value, 'ecosystem_specific'), member(value, 'database_specific')]
  const said = specific
    .flatMap((one) => ['urgency', 'ubuntu_priority', 'severity'].map((key) => member(one, key)))
    .map(severityOfWord)
    .find((one) => one !== 'unknown')
  if (said !== undefined) return said
  const score = scoreOf(member(value, 'severity'))
  return score === undefined ? 'unknown' : severityOfScore(score)
}
