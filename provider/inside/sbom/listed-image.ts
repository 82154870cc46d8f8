import type { Digest } from '../../../manifests/index.js'
import { percentEncoded } from '../../../manifests/percent-encoding.js'
import type { SoftwarePackage } from '../packages/software-package.js'
import type { ImagePackages } from '../packages-of-image/packages-of-facts.js'
import { packageUrl } from './package-url.js'

/** What an SBOM is made from. */
export interface ListedImage extends ImagePackages {
  /** Its name, with its tag where it has one. */
  name: string
  /** Of its manifest. */
  digest: Digest
  architecture: string | undefined
  /** Written into the document. */
  created: Date
}

/** A package with what both formats say about it. */
export interface ListedPackage {
  one: SoftwarePackage
  /** By what it is: kind, name, version and file. */
  key: string
  url: string | undefined
}

export function listedPackages({ packages, distribution }: ListedImage): ListedPackage[] {
  return packages.map((one) => ({
    one,
    key: JSON.stringify([one.kind, one.name, one.version, one.architecture ?? '', one.file]),
    url: packageUrl(one, distribution),
  }))
}

/** The image itself as a package URL (purl-spec, PURL-TYPES, "oci"). */
export function imageUrl({ name, digest, architecture }: ListedImage): string {
  const last = (name.split('/').at(-1) ?? name).replace(/[@:].*$/s, '').toLowerCase() || 'image'
  const arch = architecture === undefined ? '' : `?arch=${percentEncoded(architecture)}`
  return `pkg:oci/${percentEncoded(last)}@${percentEncoded(digest)}${arch}`
}
