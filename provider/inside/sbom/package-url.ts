import { PackageURL } from 'packageurl-js'
import type { Distribution, SoftwarePackage } from '../packages/software-package.js'

/** How a kind of package is written as a package URL (github.com/package-url/purl-spec, PURL-TYPES). */
interface Spelling {
  type: string
  namespace?: string | undefined
  name: string
  version?: string
  qualifiers?: Record<string, string | undefined>
}

/**
 * The package URL of a package, with what syft and trivy add for their matching: the distribution, and the source
 * package as `upstream`.
 * @returns undefined for packages that no package URL can name
 */
export function packageUrl(one: SoftwarePackage, distribution: Distribution | undefined): string | undefined {
  const { type, namespace, name, version = one.version, qualifiers = {} } = spelled(one, distribution)
  const filled = Object.entries(qualifiers).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  try {
    return new PackageURL(type, namespace, name, version, Object.fromEntries(filled), undefined).toString()
  } catch {
    return undefined
  }
}

function spelled(one: SoftwarePackage, distribution: Distribution | undefined): Spelling {
  const { kind, name, version } = one
  switch (kind) {
    case 'deb':
    case 'apk':
    case 'alpm':
      return { type: kind, namespace: distribution?.id, name, qualifiers: ofDistribution(one, distribution) }
    case 'rpm':
      return rpm(one, distribution)
    case 'npm':
    case 'composer':
    case 'golang':
      return { type: kind, ...splitAt(name, '/') }
    case 'maven':
      return { type: kind, ...splitAt(name, ':') }
    case 'pypi':
    case 'nuget':
    case 'gem':
    case 'cargo':
      return { type: kind, name }
    // They have no type of their own.
    case 'opkg':
    case 'windows':
      return { type: 'generic', namespace: kind, name, version, qualifiers: { arch: one.architecture } }
  }
}

function ofDistribution(
  one: SoftwarePackage,
  distribution: Distribution | undefined,
): Record<string, string | undefined> {
  const { architecture, source } = one
  const { id, version } = distribution ?? {}
  return {
    arch: architecture,
    distro: id !== undefined && version !== undefined ? `${id}-${version}` : id,
    upstream: source && (source.version === one.version ? source.name : `${source.name}@${source.version}`),
  }
}

/** The epoch of an rpm is not part of its version there. */
function rpm(one: SoftwarePackage, distribution: Distribution | undefined): Spelling {
  const [, epoch, version = one.version] = /^(\d+):(.*)$/.exec(one.version) ?? []
  const qualifiers = { ...ofDistribution(one, distribution), epoch: epoch === '0' ? undefined : epoch }
  return { type: 'rpm', namespace: distribution?.id, name: one.name, version, qualifiers }
}

/** What stands before the last of these marks is the namespace. */
function splitAt(name: string, mark: string): { namespace: string | undefined; name: string } {
  const at = name.lastIndexOf(mark)
  return at <= 0 ? { namespace: undefined, name } : { namespace: name.slice(0, at), name: name.slice(at + 1) }
}
