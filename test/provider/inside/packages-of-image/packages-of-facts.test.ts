import { expect } from 'chai'
import { packagesIn, shortly } from '../packages/facts-of.js'
import { madeHive } from '../packages/made-hive.js'
import { DPKG_STATUS, SAMPLES } from '../packages/samples.js'

const OS_RELEASE = `# a comment
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
VERSION_ID="12"
VERSION_CODENAME=bookworm
ID=debian
ID_LIKE='one two'
`

const COPYRIGHT = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: somebody
License: LGPL-2.1+
 the text of it

Files: debian/*
License: GPL-2

License: only-a-text
 of a licence
`

describe('the packages of an image', () => {
  it('have the distribution by os-release, the one below etc first', () => {
    const usr = { 'usr/lib/os-release': OS_RELEASE }
    expect(packagesIn(usr).distribution).to.deep.equal({
      id: 'debian',
      version: '12',
      codename: 'bookworm',
      prettyName: 'Debian GNU/Linux 12 (bookworm)',
      like: ['one', 'two'],
    })
    expect(packagesIn(usr, { 'etc/os-release': 'ID="al\\"pine"\n' }).distribution).to.deep.equal({
      id: 'al"pine',
    })
    expect(packagesIn({}).distribution).to.equal(undefined)
  })

  it('have the licences of Debian where machines can read them', () => {
    const { packages } = packagesIn({
      'var/lib/dpkg/status': DPKG_STATUS,
      'usr/share/doc/libc6/copyright': COPYRIGHT,
      'usr/share/doc/bsdutils/copyright': 'This is free software.\nLicense: none\n',
    })
    const licences = packages.map(({ name, licence }) => [name, licence])
    expect(licences).to.deep.equal([
      ['bsdutils', undefined],
      ['libc6', 'GPL-2, LGPL-2.1+'],
      ['waiting', undefined],
    ])
  })

  it('have a library and the package that brought it, and say so', () => {
    const status = 'Package: python3-requests\nStatus: install ok installed\nVersion: 2.28.1+dfsg-1\n'
    const metadata = 'Name: requests\nVersion: 2.28.1\n'
    const { packages } = packagesIn(
      {
        'var/lib/dpkg/status': status,
        'var/lib/dpkg/info/python3-requests.list':
          '/.\n/usr\n/lib/python3/dist-packages/requests-2.28.1.egg-info/PKG-INFO\n',
        'usr/lib/python3/dist-packages/requests-2.28.1.egg-info/PKG-INFO': metadata,
      },
      { 'usr/local/lib/python3/dist-packages/requests-2.28.1.dist-info/METADATA': metadata },
    )
    expect(
      packages.map(({ kind, file, layer, partOf }) => [kind, file.split('/')[1], layer, partOf]),
    ).to.deep.equal([
      ['deb', 'lib', 0, undefined],
      ['pypi', 'lib', 0, 'python3-requests'],
      ['pypi', 'local', 1, undefined],
    ])
  })

  it('have what rpm installed as part of its package', () => {
    const rpm = SAMPLES.find(({ path }) => path === 'var/lib/rpm/rpmdb.sqlite')?.bytes ?? ''
    const program = SAMPLES.find(({ path }) => path === 'usr/bin/rust-program')?.bytes ?? ''
    const { packages } = packagesIn({ 'var/lib/rpm/rpmdb.sqlite': rpm, 'bin/bash': program })
    expect(packages.find(({ kind }) => kind === 'cargo')).to.include({ partOf: 'bash' })
  })

  it('name once what Composer has installed and its lock names', () => {
    const both = '{"packages":[{"name":"a/b","version":"1.0"}]}'
    const lock = '{"packages":[{"name":"a/b","version":"1.0"},{"name":"c/d","version":"2.0"}]}'
    const { packages } = packagesIn({ 'app/composer.lock': lock, 'app/vendor/composer/installed.json': both })
    expect(packages.map(({ name, file }) => [name, file])).to.deep.equal([
      ['a/b', 'app/vendor/composer/installed.json'],
      ['c/d', 'app/composer.lock'],
    ])
  })

  it('are in the same order, whatever the order of the files', () => {
    const files = Object.fromEntries(SAMPLES.map(({ path, bytes }) => [path, bytes]))
    const backwards = Object.fromEntries(SAMPLES.map(({ path, bytes }) => [path, bytes] as const).reverse())
    expect(packagesIn(backwards).packages).to.deep.equal(packagesIn(files).packages)
    expect(shortly(packagesIn(files)).length).to.be.greaterThan(30)
  })

  it('have Windows by its registry, with what a later layer changes of it', () => {
    const base = SAMPLES.find(({ path }) => path.endsWith('config/SOFTWARE'))?.bytes ?? ''
    const delta = madeHive({
      keys: {
        microsoft: { keys: { 'windows nt': { keys: { currentversion: { values: { UBR: 2402 } } } } } },
      },
    })
    const windows = { 'Files/Windows/System32/config/SOFTWARE': base }
    expect(packagesIn(windows).distribution).to.deep.equal({
      id: 'windows',
      version: '10.0.20348.2340',
      codename: '21H2',
      prettyName: 'Windows Server 2022 Datacenter',
    })
    expect(packagesIn(windows, { 'Hives/Software_Delta': delta }).distribution?.version).to.equal(
      '10.0.20348.2402',
    )
  })
})
