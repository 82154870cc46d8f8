import { packageKey } from '../advisories/ecosystems.js'
import type { Distribution, PackageKind, SoftwarePackage } from '../packages/software-package.js'
import { debianRelease } from '../releases/releases.js'

/** The names under which a package is looked up, and which of its versions counts. */
export interface LookUp {
  /** The ecosystems that may have advisories about it; if one repeats an earlier one, the earlier counts. */
  ecosystems: string[]
  /** As advisories name it: the source package, if they are about those. */
  name: string
  version: string
}

/** Kinds of packages that a distribution installs and for which advisories are read. */
export const OF_SYSTEM: PackageKind[] = ['deb', 'apk', 'rpm']

/** The ecosystems of libraries, which have no releases. */
const LIBRARIES: Partial<Record<PackageKind, string>> = {
  npm: 'npm',
  pypi: 'PyPI',
  golang: 'Go',
  maven: 'Maven',
  nuget: 'NuGet',
  gem: 'RubyGems',
  composer: 'Packagist',
  cargo: 'crates.io',
}

/** Where advisories about a package are; undefined if nobody publishes any in a form that is read here. */
export function lookUpOf(one: SoftwarePackage, distribution: Distribution | undefined): LookUp | undefined {
  const library = LIBRARIES[one.kind]
  if (library !== undefined)
    return { ecosystems: [library], name: packageKey(library, one.name), version: one.version }
  const ecosystems = distribution ? ecosystemsOf(one.kind, distribution) : []
  if (ecosystems.length === 0) return undefined
  // Advisories from Debian, Ubuntu and Alpine are about source packages, each of which makes many packages;
  // those of Red Hat and its relatives are about what is installed.
  const { name, version } =
    one.kind === 'rpm'
      ? one
      : { name: one.source?.name ?? one.name, version: one.source?.version ?? one.version }
  return { ecosystems, name, version }
}

/** The ecosystems of a distribution's own packages, with its release. */
export function ecosystemsOf(kind: PackageKind, { id, version, codename }: Distribution): string[] {
  switch (`${kind} ${id}`) {
    case 'deb debian': {
      const release = version ?? (codename === undefined ? undefined : (debianRelease(codename) ?? codename))
      return release === undefined ? [] : [`Debian:${release.split('.')[0]}`]
    }
    case 'deb ubuntu':
      return version === undefined ? [] : [`Ubuntu:${version}`, `Ubuntu:Pro:${version}`]
    case 'apk alpine':
      return version === undefined ? [] : [alpine(version)]
    case 'apk wolfi':
      return ['Wolfi']
    case 'apk chainguard':
      return ['Chainguard', 'Wolfi']
    case 'rpm rhel':
      return withMajor('Red Hat', version)
    case 'rpm almalinux':
      return withMajor('AlmaLinux', version)
    case 'rpm rocky':
      return withMajor('Rocky Linux', version)
    default:
      return []
  }
}

/** Between two releases, `3.21.0_alpha20240807` is what edge is called. */
function alpine(version: string): string {
  const [, release] = /^(\d+\.\d+)(?:\.\d+)?$/.exec(version) ?? []
  return release === undefined ? 'Alpine:edge' : `Alpine:v${release}`
}

function withMajor(name: string, version: string | undefined): string[] {
  const major = version?.split('.')[0]
  return major === undefined || major === '' ? [] : [`${name}:${major}`]
}
