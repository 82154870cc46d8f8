import { compareSeverity, type Severity } from '../advisories/severity.js'
import type { PackageKind } from '../packages/software-package.js'
import type { Match } from '../vulnerabilities/match.js'

/** A vulnerability that only one of two images has in a package. */
export interface ChangedVulnerability {
  /** The CVE where there is one, else the publisher's own name for it. */
  id: string
  /** `gone` if only the first image has it, `come` if only the second has. */
  change: 'gone' | 'come'
  /** The distribution's own word where there is one, else by the CVSS vector. */
  severity: Severity
  /** The system or language that the package is of. */
  kind: PackageKind
  /** The package, by its own name. */
  package: string
  /** The version that has it. */
  version: string
  /** The oldest version that repairs it; left out where there is none yet. */
  fixedIn?: string
}

/**
 * Which vulnerabilities are gone and which have come, the most severe first. Whatever has a name in common is one, as what
 * it is called may depend on which publishers speak of the one package and which of the other.
 */
export function compareVulnerabilities(
  first: readonly Match[],
  second: readonly Match[],
): ChangedVulnerability[] {
  const gone = onlyIn(first, second).map((one) => changed(one, 'gone'))
  const come = onlyIn(second, first).map((one) => changed(one, 'come'))
  return [...gone, ...come].sort((x, y) => compareSeverity(y.severity, x.severity) || order(x, y))
}

/** Each once for a package, however often that is there. */
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
