import path from 'node:path'
import type { MediaFile } from '../../../manifests/index.js'
import { shallowJson } from '../../../manifests/json-structure.js'
import { readDocument } from '../../io/files/read-document.js'
import type { PagePackage, PageSbom } from './page/packages.js'

/** In bytes: a larger SBOM only appears among the files. */
const LARGEST = 64 * 1024 * 1024
const ENDING = '.cdx.json'

/**
 * What the SBOMs of a media list, for its page; one that cannot be read is left out, and counts as a file
 * like any other.
 */
export async function listedSboms(root: string, files: readonly MediaFile[]): Promise<PageSbom[]> {
  const sboms: PageSbom[] = []
  for (const { path: file, size } of files) {
    if (file.includes('/') || !file.endsWith(ENDING) || size > LARGEST) continue
    const bytes = await readDocument(path.join(root, file), LARGEST).catch(() => undefined)
    const packages = bytes && packagesOf(bytes)
    if (packages) sboms.push({ file, packages })
  }
  return sboms
}

/** The components of a CycloneDX document (ECMA-424) that are packages, in its order; undefined for any other bytes. */
function packagesOf(bytes: Buffer): PagePackage[] | undefined {
  try {
    const { bomFormat, components } = shallowJson(bytes.toString('utf8')) as Record<string, unknown>
    if (bomFormat !== 'CycloneDX' || !Array.isArray(components)) return undefined
    return components.filter(({ type }) => type === 'library').map(packageOf)
  } catch {
    return undefined
  }
}

interface Component {
  name?: unknown
  version?: unknown
  licenses?: { expression?: unknown; license?: { name?: unknown; id?: unknown } }[]
  properties?: { name?: unknown; value?: unknown }[]
}

function packageOf({ name, version, licenses = [], properties = [] }: Component): PagePackage {
  const kind = properties.find((one) => one.name === 'containerimage:kind')?.value
  const licence = licenses.map(({ expression, license }) => expression ?? license?.id ?? license?.name)
  return { name: text(name), version: text(version), kind: text(kind), licence: licence.map(text).join(', ') }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
