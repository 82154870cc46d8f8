import { PackageURL } from 'packageurl-js'
import { shallowJson } from '../../../manifests/json-structure.js'

/** What somebody else's SBOM lists. */
export interface SbomContent {
  format: 'cyclonedx' | 'spdx'
  /** Package URLs without qualifiers, in normal form. */
  urls: ReadonlySet<string>
}

/** Envelopes within envelopes: a bundle has one, and that a statement. */
const DEEPEST = 4
const MOST_PACKAGES = 200_000

/**
 * The packages that a document lists: CycloneDX or SPDX, also as the predicate of an in-toto statement
 * (in-toto/attestation, spec/v1), in a DSSE envelope (secure-systems-lab/dsse, envelope.md), or in a sigstore
 * bundle. No signature is checked here.
 * @returns undefined for any other document
 * @throws SyntaxError
 */
export function sbomIn(text: string): SbomContent | undefined {
  return contentOf(shallowJson(text), 0)
}

interface Document {
  bomFormat?: unknown
  components?: unknown
  spdxVersion?: unknown
  packages?: unknown
  predicate?: unknown
  payload?: unknown
  dsseEnvelope?: unknown
  Data?: unknown
}

function contentOf(value: unknown, depth: number): SbomContent | undefined {
  if (value === null || typeof value !== 'object' || depth > DEEPEST) return undefined
  const { bomFormat, components, spdxVersion, packages, ...envelope } = value as Document
  if (bomFormat === 'CycloneDX') return { format: 'cyclonedx', urls: urlsOfComponents(components) }
  if (typeof spdxVersion === 'string') return { format: 'spdx', urls: urlsOfPackages(packages) }
  if (typeof envelope.payload === 'string')
    return contentOf(shallowJson(Buffer.from(envelope.payload, 'base64').toString('utf8')), depth + 1)
  return contentOf(envelope.dsseEnvelope ?? envelope.predicate ?? envelope.Data, depth + 1)
}

function urlsOfComponents(components: unknown): Set<string> {
  const urls = new Set<string>()
  for (const { purl } of objectsIn(components) as { purl?: unknown }[]) addUrl(purl, urls)
  return urls
}

function urlsOfPackages(packages: unknown): Set<string> {
  const urls = new Set<string>()
  for (const { externalRefs } of objectsIn(packages) as { externalRefs?: unknown }[])
    for (const one of objectsIn(externalRefs) as { referenceType?: unknown; referenceLocator?: unknown }[])
      if (one.referenceType === 'purl') addUrl(one.referenceLocator, urls)
  return urls
}

function objectsIn(value: unknown): object[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, MOST_PACKAGES).filter((one) => one !== null && typeof one === 'object')
}

/** The image itself, and its parts, are not packages in it. */
const NOT_WITHIN = new Set(['oci', 'docker'])

function addUrl(url: unknown, urls: Set<string>): void {
  const plain = typeof url === 'string' ? plainUrl(url) : undefined
  if (plain !== undefined && !NOT_WITHIN.has(plain.slice('pkg:'.length).split('/')[0] ?? '')) urls.add(plain)
}

/**
 * A package URL as it is compared: type, namespace, name and version; an epoch is not part of the version of
 * an rpm.
 */
export function plainUrl(url: string): string | undefined {
  if (url.length > 4096) return undefined
  try {
    const { type, namespace, name, version } = PackageURL.fromString(url)
    return new PackageURL(type, namespace, name, version, undefined, undefined).toString()
  } catch {
    return undefined
  }
}
