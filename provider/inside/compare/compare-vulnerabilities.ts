import { compareSeverity, type Severity } from '../advisories/severity.js'
import type { PackageKind } from '../packages/software-package.js'
import type { Match } from '../vulnerabilities/match.js'

/** A vulnerability that only one of two images has in a package. */
export interface ChangedVulnerability {
  /** The CVE if there is one, or else the publisher's own name for it. */
  id: string
  /** `gone` if only the first image has it, `come` if only the second has. */
  change: 'gone' | 'come'
  /** The distribution's own rating if there is one, or else from the CVSS vector. */
  severity: Severity
  /** The system or language that the package belongs to. */
  kind: PackageKind
  /** The package, by its own name. */
  package: string
  /** The version that has it. */
  version: string
  /** The oldest version that fixes it; left out if there is none yet. */
  fixedIn?: string
}

/**
 * Which vulnerabilities are gone and which are new, the most severe first. Those with a name in common are
 * the same, as the name may depend on which publishers cover which package.
 */
export function compareVulnerabilities(
  first: readonly Match[],
  second: readonly Match[],
): ChangedVulnerability[] {
  const gone = onlyIn(first, second).map((one) => changed(one, 'gone'))
  const come = onlyIn(second, first).map((one) => changed(one, 'come'))
  return [...gone, ...come].sort((x, y) => compareSeverity(y.severity, x.severity) || order(x, y))
}

/** Each once per package, however often that is there. */
function onlyIn(some: readonly Match[], others: readonly Match[]): Match[] {
  const there = new Set(others.flatMap(namesIn))
  const own = new Map(some.map((one) => [nameIn(one, one.id), one]))
  return [...own.values()].filter((one) => !namesIn(one).some((name) => there.has(name)))
}

function namesIn(match: Match): string[] {
  return [match.id, ...match.aliases].map((name) => nameIn(match, name))
}

function nameIn({ package: { kind, name } }: Match, id: string): string {
  return JSON.stringify([id, kind, name])
}

function changed(match: Match, change: ChangedVulnerability['change']): ChangedVulnerability {
  const { id, severity, fixedIn } = match
  const { kind, name, version } = match.package
  return { id, change, severity, kind, package: name, version, ...(fixedIn === undefined ? {} : { fixedIn }) }
}

function order(a: ChangedVulnerability, b: ChangedVulnerability): number {
  const [x, y] = [a, b].map((one) => `${one.id} ${one.package} ${one.change}`)
  return (x ?? '') < (y ?? '') ? -1 : 1
}
