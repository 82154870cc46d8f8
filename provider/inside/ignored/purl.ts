import purls from 'packageurl-js'
import { packageKey } from '../advisories/ecosystems.js'
import type { PackageKind, SoftwarePackage } from '../packages/software-package.js'

/** The types of package URLs (purl-spec, "PURL-TYPES") of each kind of package. */
const TYPES: Record<PackageKind, string> = {
  deb: 'deb',
  apk: 'apk',
  rpm: 'rpm',
  opkg: 'opkg',
  alpm: 'alpm',
  npm: 'npm',
  pypi: 'pypi',
  golang: 'golang',
  maven: 'maven',
  nuget: 'nuget',
  gem: 'gem',
  composer: 'composer',
  cargo: 'cargo',
  windows: 'windows',
}

/** Types that name an image and not a package in one. */
const IMAGES = ['oci', 'docker']

export interface Purl {
  isImage: boolean
  /** Of an image, where its version is one. */
  digest?: string
  /** Whether a package is the one that is named; with its version, if that is given. */
  matches(one: SoftwarePackage): boolean
}

/** What a text names, if it is a package URL. */
export function purlOf(text: string): Purl | undefined {
  const parsed = parse(text)
  if (!parsed) return undefined
  const { type, namespace, name, version } = parsed
  const isImage = IMAGES.includes(type)
  return {
    isImage,
    ...(isImage && version?.startsWith('sha256:') ? { digest: version } : {}),
    matches: (one) =>
      TYPES[one.kind] === type &&
      namesOf(one).includes(fullName(one.kind, namespace, name)) &&
      (version === undefined || version === '' || isVersion(one, version, parsed.epoch)),
  }
}

interface Parsed {
  type: string
  namespace?: string
  name: string
  version?: string
  epoch?: string
}

function parse(text: string): Parsed | undefined {
  if (!text.startsWith('pkg:') || text.length > 4096) return undefined
  try {
    const { type, namespace, name, version, qualifiers } = purls.PackageURL.fromString(text)
    if (!type || !name) return undefined
    const epoch = (qualifiers as Record<string, string> | null | undefined)?.epoch
    return {
      type,
      name,
      ...(namespace ? { namespace } : {}),
      ...(version ? { version } : {}),
      ...(epoch ? { epoch } : {}),
    }
  } catch {
    return undefined
  }
}

/** A distribution's namespace is its own name; a library's is a part of its. */
function fullName(kind: PackageKind, namespace: string | undefined, name: string): string {
  switch (kind) {
    case 'npm':
    case 'golang':
    case 'composer':
      return key(kind, namespace === undefined ? name : `${namespace}/${name}`)
    case 'maven':
      return key(kind, `${namespace}:${name}`)
    default:
      return key(kind, name)
  }
}

/** A source package may also stand for the packages built from it. */
function namesOf({ kind, name, source }: SoftwarePackage): string[] {
  return [name, ...(source ? [source.name] : [])].map((one) => key(kind, one))
}

function key(kind: PackageKind, name: string): string {
  if (kind === 'pypi') return packageKey('PyPI', name)
  if (kind === 'nuget' || kind === 'composer' || kind === 'golang') return name.toLowerCase()
  return name
}

/** RPM's purls have the epoch separate from the version. */
function isVersion({ version, source }: SoftwarePackage, wanted: string, epoch: string | undefined): boolean {
  const whole = epoch === undefined ? wanted : `${epoch}:${wanted}`
  return [version, version.replace(/^0:/, ''), source?.version].some(
    (one) => one === whole || one === `v${whole}`,
  )
}
