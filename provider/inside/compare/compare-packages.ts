import type { PackageKind, SoftwarePackage } from '../packages/software-package.js'

/** A package that two images have in different versions, or that only one of them has. */
export interface ChangedPackage {
  /** The system or language that it belongs to. */
  kind: PackageKind
  /** As its own system spells it. */
  name: string
  /** The versions that only the first image has; none where it lacks the package. */
  first: string[]
  /** The versions that only the second image has; none where it lacks the package. */
  second: string[]
}

/**
 * The packages that differ between two images, by kind and name. There may be several versions of one
 * package, as with libraries.
 */
export function comparePackages(
  first: readonly SoftwarePackage[],
  second: readonly SoftwarePackage[],
): ChangedPackage[] {
  const [a, b] = [versionsOf(first), versionsOf(second)]
  const found: ChangedPackage[] = []
  for (const key of [...new Set([...a.keys(), ...b.keys()])].sort()) {
    const [before, after] = [a.get(key), b.get(key)]
    const { kind, name } = before?.one ?? after?.one ?? {}
    if (!kind || name === undefined) continue
    const [left, right] = [without(before, after), without(after, before)]
    if (left.length + right.length > 0) found.push({ kind, name, first: left, second: right })
  }
  return found
}

interface Versions {
  one: SoftwarePackage
  versions: Set<string>
}

function versionsOf(packages: readonly SoftwarePackage[]): Map<string, Versions> {
  const found = new Map<string, Versions>()
  for (const one of packages) {
    const key = `${one.kind} ${one.name}`
    const known = found.get(key) ?? { one, versions: new Set() }
    found.set(key, known)
    known.versions.add(one.version)
  }
  return found
}

function without(these: Versions | undefined, those: Versions | undefined): string[] {
  return [...(these?.versions ?? [])].filter((version) => !those?.versions.has(version)).sort()
}
