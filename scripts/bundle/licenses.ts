import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** A package whose code is in the bundle. */
export interface BundledPackage {
  name: string
  version: string
  /** As its package.json names it. */
  license: string
  /** The whole text. */
  text: string
}

/** The texts for packages that name a licence but have no file with it. */
const SUPPLIED = 'scripts/bundle/license-texts'

/** Compiled into the WebAssembly modules: AssemblyScript's own small library. In the text of a thread: bcryptjs. */
const COMPILED_IN = ['node_modules/assemblyscript', 'node_modules/bcryptjs']

/**
 * The packages from which something was bundled, by name.
 * @param inputs files that were bundled, as paths from the project's folder
 * @throws if one names no licence or has no text for it
 */
export function bundledPackages(inputs: string[]): BundledPackage[] {
  const folders = new Set([...inputs.flatMap(packageFolder), ...COMPILED_IN])
  return [...folders].map(packageIn).sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The folder of the package that a file belongs to; none for our own files. */
function packageFolder(file: string): string[] {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []
}

function packageIn(folder: string): BundledPackage {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
  const file = licenseFile(name, folder)
  if (typeof license !== 'string' || file === undefined)
    throw new Error(`${name} would be bundled, but its package has no licence: see ${SUPPLIED}.`)
  return { name, version, license, text: readFileSync(file, 'utf8') }
}

function licenseFile(name: string, folder: string): string | undefined {
  const own = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one))
  if (own !== undefined) return path.join(folder, own)
  const supplied = path.join(SUPPLIED, `${name}.txt`)
  return existsSync(supplied) ? supplied : undefined
}

/** All licences as one text: a list of the packages, then the text of each; identical texts appear once. */
export function licensesText(version: string, packages: BundledPackage[]): string {
  const list = packages.map((one) => `  ${one.name} ${one.version}: ${one.license}`)
  const own = readFileSync('LICENSE', 'utf8').trim()
  const texts = new Map([[own, [`containerimage ${version}`]]])
  for (const { name, version: of, text } of packages) {
    const key = text.replaceAll('\r\n', '\n').trim()
    texts.set(key, [...(texts.get(key) ?? []), `${name} ${of}`])
  }
  const sections = [...texts].map(([text, of]) => `${'='.repeat(78)}\n${of.join(', ')}\n\n${text}\n`)
  return [`containerimage ${version}: Apache-2.0\n`, 'It contains:\n', ...list, '', ...sections].join('\n')
}
