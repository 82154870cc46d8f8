import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { addLayered } from '../../../fixtures/layered-image.js'
import { tar } from '../../../fixtures/tar.js'
import { describeWithPeers, peer, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { scannedByTrivy } from '../../verbs/packages/scanned-by-trivy.js'
import { packagesIn } from './facts-of.js'
import { ndbDatabase } from './made-rpm.js'

const SPEC = `Name: %{pkgname}
Version: 1.2.3
Release: 4%{?pkgdist}
%{?pkgepoch:Epoch: %{pkgepoch}}
Summary: A package for a test
License: GPLv2+ and MIT
BuildArch: noarch
%description
Nothing.
%package extra
Summary: More of it
Version: 9.9
License: MIT
%description extra
More.
%install
mkdir -p %{buildroot}/usr/share/%{name}
for i in $(seq 1 400); do echo $i > %{buildroot}/usr/share/%{name}/file-with-a-long-name-$i; done
%files
/usr/share/%{name}
%files extra
`

/** As ours are written; the epoch only where there is one. */
const FORMAT = '%{NAME} %|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE} %{ARCH} %{LICENSE}\\n'

describeWithPeers(['rpm', 'rpmbuild', 'db5.3_load', 'sqlite3'], 'packages of rpm', () => {
  const { folder, remove } = scratch()
  let database = ''
  let expected: string[] = []
  let berkeley = ''

  before(() => {
    const root = folder()
    const rpms = build(root)
    const options = ['--root', path.join(root, 'root'), '--dbpath', '/var/lib/rpm']
    mkdirSync(path.join(root, 'root'))
    runPeer('rpm', [...options, '--initdb'])
    runPeer('rpm', [...options, '-i', '--nodeps', '--noscripts', '--force-debian', ...rpms])
    database = path.join(root, 'root/var/lib/rpm/rpmdb.sqlite')
    expected = runPeer('rpm', [...options, '-qa', '--qf', FORMAT])
      .trim()
      .split('\n')
      .sort()
  })
  after(remove)

  it('are those of rpm -qa, from the SQLite database that rpm made', () => {
    expect(expected).to.have.lengthOf(40)
    expect(expected).to.include('package1 2:1.2.3-4.el9 noarch GPLv2+ and MIT')
    expect(listed('var/lib/rpm/rpmdb.sqlite', readFileSync(database))).to.deep.equal(expected)
  })

  it('are the same where the database went through its other forms', () => {
    for (const pragma of [
      'PRAGMA page_size=512; PRAGMA journal_mode=delete; VACUUM',
      'PRAGMA page_size=65536; VACUUM',
    ]) {
      const copy = path.join(folder(), 'rpmdb.sqlite')
      writeFileSync(copy, readFileSync(database))
      runPeer('sqlite3', [copy, `PRAGMA journal_mode=delete; ${pragma}`])
      expect(listed('var/lib/rpm/rpmdb.sqlite', readFileSync(copy))).to.deep.equal(expected)
    }
  })

  it('are the same in a database of Berkeley DB, and in one of rpm itself', () => {
    const blobs = headers(database)
    const made = path.join(folder(), 'Packages')
    const dump = blobs.flatMap((blob, i) => [`0${i + 1}`.padStart(9, '0').slice(-8), blob.toString('hex')])
    const head = ['VERSION=3', 'format=bytevalue', 'type=hash', 'db_pagesize=4096', 'HEADER=END']
    runPeer('db5.3_load', [made], {
      input: Buffer.from([...head, ...dump.map((line) => ` ${line}`), 'DATA=END', ''].join('\n')),
    })
    expect(listed('var/lib/rpm/Packages', readFileSync(made))).to.deep.equal(expected)
    berkeley = made
    expect(listed('usr/lib/sysimage/rpm/Packages.db', ndbDatabase(blobs))).to.deep.equal(expected)
  })

  it('are those of trivy, from the databases of SQLite and Berkeley DB', function () {
    if (!peer('trivy')) this.skip()
    for (const file of [database, berkeley]) {
      const layout = path.join(folder(), 'layout')
      const system = [
        { name: 'etc/os-release', bytes: 'ID="almalinux"\nVERSION_ID="9.3"\n' },
        { name: 'etc/almalinux-release', bytes: 'AlmaLinux release 9.3 (Shamrock Pampas Cat)\n' },
      ]
      const layer = tar(...system, { name: `var/lib/rpm/${path.basename(file)}`, bytes: readFileSync(file) })
      addLayered(layout, { name: 'made', version: '1', layers: [{ tar: layer, form: 'gzip' }] })
      const theirs = scannedByTrivy(layout, folder()).map((line) => line.replace('rpm ', ''))
      expect(theirs).to.deep.equal(expected.map((line) => line.split(' ').slice(0, 2).join(' ')))
    }
  })
})

function build(root: string): string[] {
  const spec = path.join(root, 'package.spec')
  writeFileSync(spec, SPEC)
  for (let i = 0; i < 20; i++) {
    const more = i % 2 === 1 ? ['--define', 'pkgepoch 2', '--define', 'pkgdist .el9'] : []
    const names = ['--define', `pkgname package${i}`, '--define', `_topdir ${root}/top`]
    execFileSync(peer('rpmbuild') ?? '', [...names, ...more, '-bb', spec], { stdio: 'ignore' })
  }
  const made = path.join(root, 'top/RPMS/noarch')
  return readdirSync(made).map((name) => path.join(made, name))
}

function headers(database: string): Buffer[] {
  const lines = runPeer('sqlite3', [
    '-readonly',
    `file:${database}?immutable=1`,
    'SELECT hex(blob) FROM Packages ORDER BY hnum',
  ])
  return lines
    .trim()
    .split('\n')
    .map((line) => Buffer.from(line, 'hex'))
}

function listed(file: string, bytes: Buffer): string[] {
  const { packages, notes } = packagesIn({ [file]: bytes })
  expect(notes).to.deep.equal([])
  return packages
    .map(({ name, version, architecture, licence }) => `${name} ${version} ${architecture} ${licence}`)
    .sort()
}
