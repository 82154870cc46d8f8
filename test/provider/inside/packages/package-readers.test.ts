import { expect } from 'chai'
import { PACKAGE_READERS } from '../../../../provider/inside/packages-of-image/package-readers.js'
import { entryOf, factsOf, packagesIn, shortly } from './facts-of.js'
import { madeZip } from './made-zip.js'
import { DPKG_STATUS, SAMPLES } from './samples.js'

describe('the readers of packages', () => {
  for (const { path, bytes, packages } of SAMPLES)
    it(`find what ${path} says`, () => {
      const found = packagesIn({ [path]: bytes })
      expect(shortly(found)).to.deep.equal(packages)
      expect(found.packages.every(({ file }) => file === path)).to.equal(true)
    })

  it('never want the same file twice, and have ids of their own', () => {
    for (const { path, bytes } of SAMPLES) {
      const interested = PACKAGE_READERS.filter((reader) => reader.wants(entryOf(path, bytes)))
      expect(
        interested.map(({ id }) => id),
        path,
      ).to.have.lengthOf(1)
    }
    const ids = PACKAGE_READERS.map(({ id }) => id)
    expect(new Set(ids).size).to.equal(ids.length)
  })

  it('want no folder, no link, and no file beside those they know', () => {
    const file = entryOf('var/lib/dpkg/status', Buffer.from(DPKG_STATUS))
    const wanted = (entry: typeof file): boolean => PACKAGE_READERS.some((reader) => reader.wants(entry))
    expect(wanted(file)).to.equal(true)
    expect(wanted({ ...file, kind: 'folder' })).to.equal(false)
    expect(wanted({ ...file, kind: 'link' })).to.equal(false)
    for (const path of [
      'var/lib/dpkg/status-old',
      'var/lib/dpkg/status.d/tzdata.md5sums',
      'home/x/var/lib/dpkg/status',
      'usr/lib/node_modules/a/test/package.json',
    ])
      expect(wanted({ ...file, path }), path).to.equal(false)
  })

  it('know the source, the architecture and the licence of a package', () => {
    const found = (path: string) => factsOf(path, SAMPLES.find((sample) => sample.path === path)?.bytes ?? '')
    const [deb, other] = found('var/lib/dpkg/status')[0]?.packages ?? []
    expect(deb).to.deep.include({
      source: { name: 'glibc', version: '2.36-9+deb12u10' },
      architecture: 'amd64',
    })
    expect(other?.source).to.deep.equal({ name: 'util-linux', version: '2.38.1-5+deb12u3' })
    const [musl, ssl] = found('lib/apk/db/installed')[0]?.packages ?? []
    expect(musl).to.deep.equal({
      kind: 'apk',
      name: 'musl',
      version: '1.2.4-r2',
      architecture: 'x86_64',
      licence: 'MIT',
    })
    expect(ssl?.source).to.deep.equal({ name: 'busybox', version: '1.36.1-r15' })
    const [bash, openssl] = found('var/lib/rpm/rpmdb.sqlite')[0]?.packages ?? []
    expect(bash).to.deep.equal({
      kind: 'rpm',
      name: 'bash',
      version: '5.1.8-6.el9',
      architecture: 'x86_64',
      licence: 'GPLv3+',
    })
    expect(openssl?.source).to.deep.equal({ name: 'openssl', version: '1:3.0.7-27.el9' })
    expect(found('usr/lib/python3/dist-packages/six-1.16.0.egg-info')[0]?.packages?.[0]?.licence).to.equal(
      'MIT License',
    )
    expect(found('var/lib/pacman/local/zlib-1:1.3-1/desc')[0]?.packages?.[0]?.licence).to.equal(
      'custom, Zlib',
    )
    expect(
      found('usr/lib/ruby/gems/3.1.0/specifications/rack-2.2.8.gemspec')[0]?.packages?.[0]?.licence,
    ).to.equal('MIT')
  })

  it('read of an archive of Java what the name of the file and OSGi say, where Maven did not write it', () => {
    const manifest = [
      'Manifest-Version: 1.0',
      'Bundle-SymbolicName: com.google.guava.failureaccess;singleton:=t',
      ' rue',
      'Bundle-Version: 9.9',
      '',
      'Name: com/x/',
      'Implementation-Version: 4',
    ].join('\r\n')
    const jar = madeZip({ 'META-INF/MANIFEST.MF': manifest })
    expect(shortly(packagesIn({ 'lib/failureaccess-1.0.1.jar': jar }))).to.deep.equal([
      'maven com.google.guava:failureaccess 1.0.1',
    ])
    expect(shortly(packagesIn({ 'lib/plain.jar': jar }))).to.deep.equal(['maven com.google.guava:plain 9.9'])
  })

  it('say which archive within an archive cannot be read, and read the others', () => {
    const app = SAMPLES.find(({ path }) => path === 'opt/app.jar')?.bytes ?? Buffer.alloc(0)
    const { notes } = packagesIn({ 'opt/app.jar': app })
    expect(notes).to.deep.equal([
      {
        file: 'opt/app.jar',
        layer: 0,
        message: 'has an archive within it that cannot be read: BOOT-INF/lib/broken.jar',
      },
    ])
  })

  it('say that rpm has written what is not in its database yet', () => {
    const [facts] = factsOf('var/lib/rpm/rpmdb.sqlite-wal', 'frames')
    expect(facts?.notes?.[0]).to.match(/not in the database itself/)
    expect(factsOf('var/lib/rpm/rpmdb.sqlite-wal', '')).to.deep.equal([])
  })

  it('take a broken file for a note, and keep what was found before it broke', () => {
    const packages = SAMPLES.find(({ path }) => path === 'var/lib/rpm/Packages')?.bytes ?? Buffer.alloc(0)
    const { packages: found, notes } = packagesIn({
      'var/lib/rpm/Packages': packages.subarray(0, packages.length - 4096),
    })
    expect(found.map(({ name }) => name)).to.deep.equal(['bash', 'openssl-libs'])
    expect(notes).to.have.lengthOf(1)
    expect(shortly(packagesIn({ 'app/composer.lock': '{"packages": [' }))).to.deep.equal([])
    expect(packagesIn({ 'app/composer.lock': '{"packages": [' }).notes).to.deep.equal([
      { file: 'app/composer.lock', layer: 0, message: 'cannot be read as a whole: it is not JSON' },
    ])
  })
})
