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

/** Which vulnerabilities are gone and which have come, the most severe first. */
export function compareVulnerabilities(
  first: readonly Match[],
  second: readonly Match[],
): ChangedVulnerability[] {
  const [a, b] = [byPackage(first), byPackage(second)]
  const gone = [...a].flatMap(([key, one]) => (b.has(key) ? [] : [changed(one, 'gone')]))
  const come = [...b].flatMap(([key, one]) => (a.has(key) ? [] : [changed(one, 'come')]))
  return [...gone, ...come].sort((x, y) => compareSeverity(y.severity, x.severity) || order(x, y))
}

function byPackage(matches: readonly Match[]): Map<string, Match> {
  return new Map(matches.map((one) => [`${one.id} ${one.package.kind} ${one.package.name}`, one]))
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
