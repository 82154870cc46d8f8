import type { Findings } from '../findings.js'
import { MB, type PackageFormat } from '../package-reader.js'
import { objectIn } from './npm.js'

/**
 * Packages of PHP: what Composer has installed, a list in its first version and an object with one in its second; and
 * what its lock file names (getcomposer.org/doc/07-runtime.md; composer's src/Composer/Repository/FilesystemRepository.php).
 */
export const php: PackageFormat = {
  id: 'php-1',
  largest: 32 * MB,
  wantsPath: (path) => /(?:^|\/)(?:composer\/installed\.json|composer\.lock)$/.test(path),
  read(bytes, findings) {
    const document = objectIn(bytes)
    const packages = Array.isArray(document) ? document : document.packages
    if (!Array.isArray(packages)) return
    for (const one of packages as unknown[]) addPackage(one, findings)
  },
}

function addPackage(one: unknown, findings: Findings): void {
  const { name, version, license } = (one ?? {}) as { name?: string; version?: string; license?: unknown }
  const licences = Array.isArray(license) ? license.filter((text) => typeof text === 'string') : []
  findings.package({
    kind: 'composer',
    name,
    version,
    licence: licences.length > 0 ? licences.join(', ') : undefined,
  })
}
