import type { Findings } from '../findings.js'
import { MB, type PackageFormat } from '../package-reader.js'
import type { PackageKind } from '../software-package.js'
import { type Paragraph, paragraphs } from './deb822.js'

/**
 * The packages of Debian and its kin: dpkg's status file (dpkg(1), FILES; deb822(5)), and a file for each
 * package if an image was built without dpkg, like Google's distroless images.
 */
export const dpkg: PackageFormat = {
  id: 'dpkg-1',
  largest: 128 * MB,
  wantsPath: (path) =>
    path === 'var/lib/dpkg/status' ||
    (path.startsWith('var/lib/dpkg/status.d/') && !path.endsWith('.md5sums')),
  read: (bytes, findings) => readStatus(bytes, findings, 'deb'),
}

/** The packages of OpenWrt and of Yocto: opkg has dpkg's format (git.yoctoproject.org/opkg, libopkg/pkg_parse.c). */
export const opkg: PackageFormat = {
  id: 'opkg-1',
  largest: 32 * MB,
  wantsPath: (path) => path === 'usr/lib/opkg/status' || path === 'var/lib/opkg/status',
  read: (bytes, findings) => readStatus(bytes, findings, 'opkg'),
}

const FIELDS = new Set(['package', 'status', 'version', 'source', 'architecture', 'license'])

/** The states of a package none or only some of whose files are there (dpkg(1), Package states). */
const NOT_THERE = new Set(['not-installed', 'config-files', 'half-installed'])

function readStatus(bytes: Buffer, findings: Findings, kind: PackageKind): void {
  for (const paragraph of paragraphs(bytes.toString('utf8'), FIELDS))
    if (isThere(paragraph))
      findings.package({
        kind,
        name: paragraph.get('package'),
        version: paragraph.get('version'),
        source: sourceIn(paragraph.get('source')),
        architecture: paragraph.get('architecture'),
        licence: paragraph.get('license'),
      })
}

/** `Status: install ok installed`: what is wanted, whether all is well, and the state. A file of status.d has none. */
function isThere(paragraph: Paragraph): boolean {
  const state = paragraph.get('status')?.split(/\s+/)[2]
  return state === undefined || !NOT_THERE.has(state)
}

/** `glibc`, or `glibc (2.36-9)` where the source has another version (Debian Policy 5.6.1). */
function sourceIn(field: string | undefined): { name: string; version: string | undefined } | undefined {
  const [, name = '', version] = /^([^\s(]+)(?:\s*\(([^)]*)\))?/.exec(field ?? '') ?? []
  return name === '' ? undefined : { name, version }
}
