import type { Findings } from '../findings.js'
import { isLibraryManifest } from '../library-manifests.js'
import { MB, type PackageFormat } from '../package-reader.js'
import { berkeleyValues } from './berkeley.js'
import { type RpmHeader, rpmHeader } from './header.js'
import { ndbRecords } from './ndb.js'
import { sqliteRows } from './sqlite.js'

/** Where distributions have the database (rpm's macro _dbpath): Red Hat's, SUSE's and newer Fedoras, those of ostree. */
const FOLDERS = ['var/lib/rpm/', 'usr/lib/sysimage/rpm/', 'usr/share/rpm/']

/** Of one package, of those that libraries are known by. */
const MOST_FILES = 10_000

function isIn(path: string, names: string[]): boolean {
  return FOLDERS.some((folder) => names.some((name) => path === folder + name))
}

/** The packages of Red Hat, SUSE and their kin: one header for each, in one of three databases. */
export const rpm: PackageFormat = {
  id: 'rpm-1',
  largest: 512 * MB,
  wantsPath: (path) => isIn(path, ['rpmdb.sqlite', 'Packages.db', 'Packages']),
  read(bytes, findings, path) {
    let damaged = 0
    for (const blob of headersIn(bytes, path)) {
      const header = headerOf(blob)
      if (!header) damaged++
      else addPackage(header, findings)
    }
    if (damaged > 0) findings.note(`has ${damaged} records that are no headers of packages`)
  },
}

/** The latest changes may not be in the database yet. */
export const rpmLog: PackageFormat = {
  id: 'rpm-log-1',
  largest: 512 * MB,
  wantsPath: (path) => isIn(path, ['rpmdb.sqlite-wal']),
  wantsEntry: ({ size }) => size > 0,
  read: (_, findings) =>
    findings.note('holds changes of packages that are not in the database itself, and are not shown'),
}

function* headersIn(bytes: Buffer, path: string): Generator<Buffer> {
  if (path.endsWith('/rpmdb.sqlite')) {
    // CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL): rpm's lib/backend/sqlite.c
    for (const [, blob] of sqliteRows(bytes, 'Packages')) if (Buffer.isBuffer(blob)) yield blob
  } else if (path.endsWith('/Packages.db')) yield* ndbRecords(bytes)
  // The number of the last package is in the same table, as four bytes.
  else for (const blob of berkeleyValues(bytes)) if (blob.length > 16) yield blob
}

function headerOf(blob: Buffer): RpmHeader | undefined {
  try {
    return rpmHeader(blob, isLibraryManifest)
  } catch {
    return undefined
  }
}

function addPackage(header: RpmHeader, findings: Findings): void {
  const { name, version, release, epoch, licence, architecture, sourceRpm, files } = header
  // The public keys that rpm trusts are in the same table.
  if (name === undefined || version === undefined || name === 'gpg-pubkey') return
  const before = epoch === undefined ? '' : `${epoch}:`
  findings.package({
    kind: 'rpm',
    name,
    version: `${before}${version}${release === undefined ? '' : `-${release}`}`,
    source: sourceOf(sourceRpm, before),
    architecture,
    licence,
  })
  findings.owned(name, files.slice(0, MOST_FILES))
}

/** `bash-5.1.8-6.el9.src.rpm`: name, version and release; the epoch is not in it, and is the package's own. */
function sourceOf(file: string | undefined, epoch: string): { name: string; version: string } | undefined {
  const [, name, version] = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(file ?? '') ?? []
  return name === undefined || version === undefined ? undefined : { name, version: epoch + version }
}
