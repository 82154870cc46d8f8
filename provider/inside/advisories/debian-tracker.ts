import type { Findings } from '../../../manifests/index.js'
import { isObject } from '../../../manifests/json-kinds.js'
import { debianRelease } from '../releases/releases.js'
import type { Affected, ReadAdvisory, VersionRange } from './advisory.js'
import { member, summaryOf, word } from './json-facts.js'
import { type Severity, severityOfWord } from './severity.js'

const ID = /^(?:CVE-\d{4}-\d{4,}|TEMP-[0-9A-F-]+)$/

/**
 * Whether a JSON value looks like the export of Debian's security tracker
 * (security-tracker.debian.org/tracker/data/json): source packages, and in each its vulnerabilities with
 * their state in each release.
 */
export function isDebianTracker(value: unknown): boolean {
  if (!isObject(value)) return false
  const [first] = Object.values(value)
  const [id, facts] = isObject(first) ? (Object.entries(first)[0] ?? []) : []
  return id !== undefined && ID.test(id) && isObject(member(facts, 'releases'))
}

/** Every vulnerability, with all packages that have it. */
export function readDebianTracker(value: object, findings: Findings): ReadAdvisory[] {
  const advisories = new Map<string, ReadAdvisory>()
  for (const [name, vulnerabilities] of Object.entries(value)) {
    if (!isObject(vulnerabilities)) {
      findings.add(name, 'vulnerabilities of a package', vulnerabilities)
      continue
    }
    for (const [id, facts] of Object.entries(vulnerabilities)) {
      if (word(id) === undefined || word(name) === undefined || !isObject(member(facts, 'releases'))) {
        findings.add(`${name}.${id}`, 'releases with what is so in each', facts)
        continue
      }
      const advisory = advisories.get(id) ?? newAdvisory(id, facts)
      advisory.affected.push(...affectedOf(name, id, member(facts, 'releases') as object, findings))
      advisories.set(id, advisory)
    }
  }
  return [...advisories.values()]
}

function newAdvisory(id: string, facts: unknown): ReadAdvisory {
  return {
    id,
    aliases: [],
    summary: summaryOf(member(facts, 'description')),
    severity: 'unknown',
    modified: '',
    isWithdrawn: false,
    affected: [],
  }
}

function affectedOf(name: string, id: string, releases: object, findings: Findings): Affected[] {
  return Object.entries(releases).flatMap(([codename, facts]) => {
    const range = rangeOf(facts)
    if (range === 'unknown') findings.add(`${name}.${id}.releases.${codename}`, "a status of Debian's", facts)
    if (typeof range === 'string') return []
    const severity: Severity = severityOfWord(member(facts, 'urgency'))
    const ecosystem = `Debian:${debianRelease(codename) ?? codename}`
    return [
      { ecosystem, name, ranges: [range], versions: [], ...(severity === 'unknown' ? {} : { severity }) },
    ]
  })
}

/**
 * `undetermined` means that nobody has found out yet; something fixed in version 0 never was in the release.
 */
function rangeOf(facts: unknown): VersionRange | 'none' | 'unknown' {
  const status = member(facts, 'status')
  const fixed = word(member(facts, 'fixed_version'))
  if (status === 'undetermined' || (status === 'resolved' && fixed === '0')) return 'none'
  if (status === 'resolved' && fixed !== undefined) return { end: { kind: 'fixed', version: fixed } }
  return status === 'open' ? {} : 'unknown'
}
