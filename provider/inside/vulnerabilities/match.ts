import { throwIfAborted } from '../../../manifests/index.js'
import type { Advisory } from '../advisories/advisory.js'
import { compareSeverity, type Severity } from '../advisories/severity.js'
import type { Database, FoundEntry } from '../database/open-database.js'
import type { DatabaseSource } from '../database/source-block.js'
import type { Distribution, SoftwarePackage } from '../packages/software-package.js'
import { orderOf } from '../versions/orders.js'
import { ecosystemsOf, type LookUp, lookUpOf, OF_SYSTEM } from './lookups.js'
import { verdictOn } from './verdict.js'

/** One vulnerability of one package. */
export interface Match {
  /** The CVE where there is one, else the publisher's own name for it. */
  id: string
  /** Its other names, sorted. */
  aliases: string[]
  severity: Severity
  /** By its CVSS vector, from 0 to 10. */
  score?: number
  package: SoftwarePackage
  /** The version that counted: that of the source package, if advisories are about those. */
  version: string
  /** The oldest version that repairs it; left out where there is none yet. */
  fixedIn?: string
  summary: string
  /** Where the advisory comes from: names of sources in the database. */
  sources: string[]
}

/** Packages about which the database says nothing, whatever is known about them elsewhere. */
export interface Unknown {
  /** `Debian:14`, `npm`; or the kind of packages, if no advisories are read for it. */
  ecosystem: string
  packages: number
}

export interface Matches {
  /** The most severe first, then by package and id. */
  matches: Match[]
  /** How many packages the database knows the ecosystem of. */
  packages: number
  unknown: Unknown[]
  /** The sources that were asked; their age counts. */
  sources: DatabaseSource[]
}

/**
 * The vulnerabilities of packages that a database knows of.
 * @throws DATABASE_INVALID, INTERRUPTED
 */
export function matchPackages(
  database: Database,
  packages: readonly SoftwarePackage[],
  distribution: Distribution | undefined,
  signal?: AbortSignal,
): Matches {
  const matches: Match[] = []
  const unknown = new Map<string, number>()
  const asked = new Set<string>()
  let known = 0
  const knowsDistribution = OF_SYSTEM.some((kind) =>
    distribution ? ecosystemsOf(kind, distribution).some((one) => database.knows(one)) : false,
  )
  for (const one of packages) {
    throwIfAborted(signal)
    // Anything that came with a distribution package is fixed there, under that package's versions.
    if (one.partOf !== undefined && knowsDistribution) continue
    const lookUp = lookUpOf(one, distribution)
    const there = lookUp?.ecosystems.filter((ecosystem) => database.knows(ecosystem)) ?? []
    if (!lookUp || there.length === 0) {
      const ecosystem = lookUp?.ecosystems[0] ?? nameOf(one, distribution)
      unknown.set(ecosystem, (unknown.get(ecosystem) ?? 0) + 1)
      continue
    }
    known++
    for (const ecosystem of there) asked.add(ecosystem)
    matches.push(...matchesOf(database, one, { ...lookUp, ecosystems: there }))
  }
  return {
    matches: matches.sort(inOrder),
    packages: known,
    unknown: [...unknown]
      .map(([ecosystem, count]) => ({ ecosystem, packages: count }))
      .sort((a, b) => compare(a.ecosystem, b.ecosystem)),
    sources: database.sources.filter(({ ecosystems }) =>
      [...asked].some((one) => Object.hasOwn(ecosystems, one)),
    ),
  }
}

function nameOf({ kind }: SoftwarePackage, distribution: Distribution | undefined): string {
  const of = [distribution?.id, distribution?.version].filter((one) => one !== undefined).join(' ')
  return of === '' ? kind : `${kind} of ${of}`
}

/** What one entry says about a package. */
interface Said {
  advisory: Advisory
  severity: Severity
  /** Whether that is what the distribution says about its own package. */
  isOwn: boolean
  fixedIn?: string
  source: string
}

function matchesOf(database: Database, one: SoftwarePackage, { ecosystems, name, version }: LookUp): Match[] {
  const said: Said[] = []
  for (const ecosystem of ecosystems) {
    const order = orderOf(ecosystem)
    for (const found of database.find(ecosystem, name)) {
      const verdict = verdictOn(version, found.entry, order)
      if (verdict.isAffected) said.push(saidBy(found, verdict.fixedIn))
    }
  }
  return grouped(said).map((group) => matchOf(group, one, version))
}

function saidBy({ entry, source, advisory: read }: FoundEntry, fixedIn: string | undefined): Said {
  const advisory = read()
  return {
    advisory,
    severity: entry.severity ?? advisory.severity,
    isOwn: entry.severity !== undefined,
    source: source.name,
    ...(fixedIn === undefined ? {} : { fixedIn }),
  }
}

const CVE = /CVE-\d{4}-\d{4,}/

/**
 * Several publishers use different names for one vulnerability: those with a name in common are the same. An
 * advisory that fixes several (a DSA, an RHSA) is listed only for those that no other source lists; if it is
 * the only source, under its own name.
 */
function grouped(said: readonly Said[]): Said[][] {
  const groups: { names: Set<string>; said: Said[] }[] = []
  const repairs: Said[] = []
  for (const one of said) {
    const names = namesOf(one.advisory)
    if (cvesOf(names).length > 1) {
      repairs.push(one)
      continue
    }
    const [first, ...others] = groups.filter((group) => names.some((name) => group.names.has(name)))
    const group = first ?? { names: new Set<string>(), said: [] }
    if (!first) groups.push(group)
    for (const other of others) {
      for (const name of other.names) group.names.add(name)
      group.said.push(...other.said)
      groups.splice(groups.indexOf(other), 1)
    }
    for (const name of names) group.names.add(name)
    group.said.push(one)
  }
  for (const repair of repairs) {
    const open = cvesOf(namesOf(repair.advisory)).filter((cve) => !groups.some(({ names }) => names.has(cve)))
    if (open.length > 0) groups.push({ names: new Set([repair.advisory.id, ...open]), said: [repair] })
  }
  return groups.map((group) => group.said)
}

/** `DEBIAN-CVE-2024-0001` and `ALPINE-CVE-2024-0001` are what those distributions say about that CVE. */
function namesOf({ id, aliases }: Advisory): string[] {
  const [cve] = CVE.exec(id) ?? []
  return [...new Set([id, ...(cve === undefined ? [] : [cve]), ...aliases])]
}

function cvesOf(names: readonly string[]): string[] {
  return names.filter((name) => CVE.exec(name)?.[0] === name)
}

function matchOf(group: readonly Said[], one: SoftwarePackage, version: string): Match {
  const names = [...new Set(group.flatMap(({ advisory }) => namesOf(advisory)))].sort()
  const cves = cvesOf(names)
  const [first] = group
  const id = (cves.length === 1 ? cves[0] : undefined) ?? first?.advisory.id ?? ''
  const scores = group.flatMap(({ advisory }) => advisory.score ?? [])
  const fix = group.find(({ fixedIn }) => fixedIn !== undefined)?.fixedIn
  return {
    id,
    aliases: names.filter((name) => name !== id),
    severity: severityOf(group),
    ...(scores.length > 0 ? { score: Math.max(...scores) } : {}),
    package: one,
    version,
    ...(fix === undefined ? {} : { fixedIn: fix }),
    summary: group.map(({ advisory }) => advisory.summary).find((text) => text !== '') ?? '',
    sources: [...new Set(group.map(({ source }) => source))].sort(),
  }
}

/** The distribution's own rating takes precedence over general ones; of several, the worst counts. */
function severityOf(group: readonly Said[]): Severity {
  const own = group.filter(({ isOwn }) => isOwn)
  const said = (own.length > 0 ? own : group).map(({ severity }) => severity)
  return said.reduce((worst, next) => (compareSeverity(worst, next) >= 0 ? worst : next), 'unknown')
}

function inOrder(a: Match, b: Match): number {
  return (
    compareSeverity(b.severity, a.severity) ||
    compare(a.package.name, b.package.name) ||
    compare(a.id, b.id) ||
    compare(a.package.version, b.package.version) ||
    compare(a.package.file, b.package.file)
  )
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}
