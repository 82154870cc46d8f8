import { readFileSync } from 'node:fs'

/** A package from which this tool is made, or with which it runs. */
export interface OwnPackage {
  name: string
  version: string
  /** As named by its package.json. */
  licence: string | undefined
  /** SHA-512 of its archive, in hex, from the lock file. */
  sha512: string | undefined
  /** Its code is in the one file. */
  isBundled: boolean
  /** Only developers of the tool install it. */
  isForDevelopment: boolean
}

interface LockedPackage {
  version?: string
  license?: string
  integrity?: string
  dev?: boolean
  devOptional?: boolean
}

const MODULES = 'node_modules/'

/** Every package of the lock file; the list of licences in the one file says which of them it contains. */
export function ownPackages(): OwnPackage[] {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, LockedPackage>
  }
  const bundled = bundledNames()
  const found = new Map<string, OwnPackage>()
  for (const [folder, { version, license, integrity, dev, devOptional }] of Object.entries(packages)) {
    const name = folder.slice(folder.lastIndexOf(MODULES) + MODULES.length)
    if (folder === '' || version === undefined) continue
    const key = `${name} ${version}`
    const isForDevelopment =
      (dev === true || devOptional === true) && (found.get(key)?.isForDevelopment ?? true)
    const sha512 = hexOf(integrity)
    found.set(key, { name, version, licence: license, sha512, isBundled: bundled.has(key), isForDevelopment })
  }
  return [...found.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

function keyOf({ name, version }: OwnPackage): string {
  return `${name} ${version}`
}

/** `name version` from each line of the list that the build makes. */
function bundledNames(): Set<string> {
  const text = readFileSync('dist/containerimage-licenses.txt', 'utf8')
  return new Set([...text.matchAll(/^ {2}(\S+ \S+): \S/gm)].map(([, key = '']) => key))
}

function hexOf(integrity: string | undefined): string | undefined {
  const [, base64] = /^sha512-(\S+)/.exec(integrity ?? '') ?? []
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('hex')
}
