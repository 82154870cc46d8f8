import { shallowJson } from '../../../../manifests/json-structure.js'
import { MB, type PackageFormat } from '../package-reader.js'

/** Packages of Node, by the file that each has in its folder (docs.npmjs.com/cli/configuring-npm/package-json). */
export const npm: PackageFormat = {
  id: 'npm-1',
  largest: 4 * MB,
  wantsPath: isOfPackage,
  read(bytes, findings) {
    const { name, version, license, licenses } = objectIn(bytes)
    if (typeof name === 'string' && typeof version === 'string' && /^\d/.test(version))
      findings.package({ kind: 'npm', name, version, licence: licenceIn(license ?? licenses) })
  },
}

/**
 * In a folder of modules only a file directly in the folder of a package belongs to it; deeper ones are
 * examples or tests. Elsewhere it may be a program that was copied into the image.
 */
function isOfPackage(path: string): boolean {
  if (!path.endsWith('/package.json') && path !== 'package.json') return false
  const modules = path.lastIndexOf('node_modules/')
  if (modules === -1) return true
  return /^(?:@[^/]+\/)?[^/]+\/package\.json$/.test(path.slice(modules + 'node_modules/'.length))
}

/** A name, or an object in the old form, or a list of these. */
function licenceIn(licence: unknown): string | undefined {
  if (typeof licence === 'string') return licence
  if (Array.isArray(licence))
    return licence
      .slice(0, 20)
      .flatMap((one) => licenceIn(one) ?? [])
      .join(', ')
  const { type } = (licence ?? {}) as { type?: unknown }
  return typeof type === 'string' ? type : undefined
}

/** @throws SyntaxError */
export function objectIn(bytes: Buffer): Record<string, unknown> {
  const text = bytes.toString('utf8')
  const value: unknown = shallowJson(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {}
}
