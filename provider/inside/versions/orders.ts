import { compareApk } from './apk.js'
import { compareComposer } from './composer.js'
import { compareDeb } from './deb.js'
import { compareGem } from './gem.js'
import { compareGo } from './golang.js'
import { compareMaven } from './maven.js'
import { compareNatural } from './natural.js'
import { compareNuget } from './nuget.js'
import { comparePep440 } from './pep440.js'
import { compareRpm } from './rpm.js'
import { compareSemver } from './semver.js'

/** Compares two versions: below 0 if the first is older. Accepts any text, and never throws. */
export type VersionOrder = (a: string, b: string) => number

/** By the names of ecosystems in OSV's schema, without their releases ("Defined ecosystems"). */
const ORDERS: Record<string, VersionOrder> = {
  Debian: compareDeb,
  Ubuntu: compareDeb,
  Alpine: compareApk,
  Wolfi: compareApk,
  Chainguard: compareApk,
  'Red Hat': compareRpm,
  AlmaLinux: compareRpm,
  'Rocky Linux': compareRpm,
  openSUSE: compareRpm,
  SUSE: compareRpm,
  openEuler: compareRpm,
  Mageia: compareRpm,
  npm: compareSemver,
  'crates.io': compareSemver,
  Go: compareGo,
  PyPI: comparePep440,
  Maven: compareMaven,
  NuGet: compareNuget,
  RubyGems: compareGem,
  Packagist: compareComposer,
}

/** The order of an ecosystem's versions; `Debian:12` has that of `Debian`. */
export function orderOf(ecosystem: string): VersionOrder {
  const [name = ''] = ecosystem.split(':')
  return Object.hasOwn(ORDERS, name) ? (ORDERS[name] ?? compareNatural) : compareNatural
}

/** Whether an ecosystem has its own order of versions. */
export function hasOrder(ecosystem: string): boolean {
  return Object.hasOwn(ORDERS, ecosystem.split(':')[0] ?? '')
}
