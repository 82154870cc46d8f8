import type { FoundPackage, PackageFacts, WindowsFacts } from '../packages/package-facts.js'
import type { Distribution, PackageKind, SoftwarePackage } from '../packages/software-package.js'
import { windowsDistribution } from '../packages/windows/windows-distribution.js'
import type { TreeEntry } from '../tree/entry.js'

/** A file that could not be read, or not completely. */
export interface PackageNote {
  file: string
  /** The layer that brought it, from 0. */
  layer: number
  /** What is wrong with it, for people. */
  message: string
}

/** Everything that the files of an image say about its packages. */
export interface ImagePackages {
  /** By their names, then by versions, kinds and files. */
  packages: SoftwarePackage[]
  distribution: Distribution | undefined
  notes: PackageNote[]
}

/** Which packages the distribution itself installs. */
const OF_SYSTEM: ReadonlySet<PackageKind> = new Set(['deb', 'apk', 'rpm', 'opkg', 'alpm', 'windows'])

/**
 * Puts together what was found in the files that are left in an image. A library that came with a
 * distribution package is listed as both, and says which package it came from: scanners differ here (syft
 * keeps both, trivy only the distribution's), and this serves either view.
 */
export function packagesOfFacts(
  found: Iterable<readonly [entry: TreeEntry, facts: readonly PackageFacts[]]>,
): ImagePackages {
  const gathered = new Gathered()
  for (const [entry, facts] of found) for (const one of facts) gathered.add(entry, one)
  return gathered.result()
}

class Gathered {
  private readonly packages: SoftwarePackage[] = []
  private readonly notes: PackageNote[] = []
  private readonly licences = new Map<string, string>()
  private readonly owners = new Map<string, string>()
  private readonly distributions = new Map<string, Distribution>()
  private readonly windows: { layer: number; facts: WindowsFacts }[] = []

  add({ path: file, layer }: TreeEntry, facts: PackageFacts): void {
    for (const one of facts.packages ?? []) this.packages.push(inOrder(one, file, layer))
    for (const message of facts.notes ?? []) this.notes.push({ file, layer, message })
    for (const { package: name, files } of facts.owned ?? [])
      for (const owned of files) this.owners.set(merged(owned), name)
    if (facts.licence) this.licences.set(facts.licence.package, facts.licence.licence)
    if (facts.distribution) this.distributions.set(file, facts.distribution)
    if (facts.windows) this.windows.push({ layer, facts: facts.windows })
  }

  result(): ImagePackages {
    const packages = distinct(this.packages)
    for (const one of packages) this.complete(one)
    return {
      packages: packages.sort(byName),
      distribution: this.distribution(),
      notes: this.notes.sort((a, b) => compare(a.file, b.file)),
    }
  }

  private complete(one: SoftwarePackage): void {
    const licence = one.kind === 'deb' ? this.licences.get(one.name) : undefined
    if (one.licence === undefined && licence !== undefined) one.licence = licence
    const owner = OF_SYSTEM.has(one.kind) ? undefined : this.owners.get(merged(one.file))
    if (owner !== undefined) one.partOf = owner
  }

  private distribution(): Distribution | undefined {
    const said = this.distributions.get('etc/os-release') ?? this.distributions.get('usr/lib/os-release')
    if (said) return said
    const windows = this.windows.sort((a, b) => a.layer - b.layer).map(({ facts }) => facts)
    return windows.length > 0 ? windowsDistribution(Object.assign({}, ...windows)) : undefined
  }
}

/** The members in one order, whichever reader made it. */
function inOrder(one: FoundPackage, file: string, layer: number): SoftwarePackage {
  const { kind, name, version, source, architecture, licence } = one
  return {
    kind,
    name,
    version,
    ...(source ? { source } : {}),
    ...(architecture === undefined ? {} : { architecture }),
    ...(licence === undefined ? {} : { licence }),
    file,
    layer,
  }
}

/** Package lists have `/bin/sh` where the image has `usr/bin/sh` (wiki.debian.org/UsrMerge). */
function merged(path: string): string {
  return path.startsWith('usr/') ? path.slice('usr/'.length) : path
}

/**
 * Something that a file says twice counts once, as does a package that Composer has both installed and in its
 * lock.
 */
function distinct(packages: SoftwarePackage[]): SoftwarePackage[] {
  const seen = new Map<string, SoftwarePackage>()
  for (const one of packages) {
    const place = isLock(one) ? '' : one.file
    const key = JSON.stringify([one.kind, one.name, one.version, one.architecture ?? '', place])
    if (!seen.has(key)) seen.set(key, one)
  }
  const installed = new Set([...seen.values()].filter((one) => !isLock(one)).map(composerKey))
  return [...seen.values()].filter((one) => !isLock(one) || !installed.has(composerKey(one)))
}

function isLock({ kind, file }: SoftwarePackage): boolean {
  return kind === 'composer' && file.endsWith('composer.lock')
}

function composerKey({ kind, name, version }: SoftwarePackage): string {
  return kind === 'composer' ? `${name} ${version}` : ''
}

function byName(a: SoftwarePackage, b: SoftwarePackage): number {
  return (
    compare(a.name, b.name) ||
    compare(a.version, b.version) ||
    compare(a.kind, b.kind) ||
    compare(a.architecture ?? '', b.architecture ?? '') ||
    compare(a.file, b.file)
  )
}

/** By code unit, so that the order is the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
