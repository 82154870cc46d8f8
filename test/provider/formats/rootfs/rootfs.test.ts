import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { type Descriptor, digestOf, type ImageConfig, MEDIA_TYPES } from '../../../../manifests/index.js'
import { type InstallRequest, install, verify } from '../../../../provider/index.js'
import { inspectImages } from '../../../fixtures/inspect-images.js'
import { tarOf } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'
import { filesIn } from '../../verbs/on-disk.js'

/** The first bytes of a program: 64 bits, little-endian, for a machine. */
function elf(machine: number, bits: 1 | 2 = 2): Buffer {
  const head = Buffer.alloc(64)
  head.write('\x7fELF', 'latin1')
  head[4] = bits
  head[5] = 1
  head.writeUInt16LE(machine, 18)
  return head
}

const RELEASE = 'ID=debian\nVERSION_ID="12"\nNAME="Debian GNU/Linux"\n'
const DEBIAN = { 'etc/os-release': RELEASE, 'bin/sh': elf(62), 'usr/share/doc': 'text'.repeat(5000) }

describe('the tarball of a root filesystem', () => {
  const temporary = scratch()
  let store: string

  beforeEach(() => {
    store = path.join(temporary.folder(), 'store')
  })
  afterEach(() => temporary.remove())

  function file(bytes: Buffer, name = 'rootfs.tar'): string {
    const made = path.join(temporary.folder(), name)
    writeFileSync(made, bytes)
    return made
  }

  async function installed(target: string, options: Partial<InstallRequest> = {}) {
    const { images } = await install({ targets: [target], store, ...options })
    const [image] = images
    const [told] = await inspectImages({ names: [image?.digest ?? ''], store })
    expect((await verify({ store })).problems).to.deep.equal([])
    const manifest = told?.manifest as { layers: Descriptor[] } | undefined
    return { image, layers: manifest?.layers, config: told?.config as ImageConfig }
  }

  it('becomes an image of one layer, named by its os-release', async () => {
    const tar = tarOf(DEBIAN)
    const { image, layers, config } = await installed(file(tar))
    expect(image).to.deep.include({
      name: 'debian',
      version: '12',
      fullName: 'CN=Debian_debian_12',
      tags: ['debian:12', 'debian:latest'],
      platform: 'linux/amd64',
    })
    expect(layers).to.deep.equal([
      { mediaType: MEDIA_TYPES.ociLayer, digest: digestOf(tar), size: tar.length },
    ])
    expect(config.rootfs.diff_ids).to.deep.equal([digestOf(tar)])
    expect(config.config).to.deep.include({ Cmd: ['/bin/sh'] })
  })

  it('keeps a gzip file as the layer that it is', async () => {
    const tar = tarOf(DEBIAN)
    const gz = gzipSync(tar)
    const { layers, config } = await installed(file(gz, 'rootfs.tar.gz'))
    expect(layers).to.deep.equal([
      { mediaType: MEDIA_TYPES.ociLayerGzip, digest: digestOf(gz), size: gz.length },
    ])
    expect(config.rootfs.diff_ids).to.deep.equal([digestOf(tar)])
  })

  for (const [tool, ending] of [
    ['xz', 'xz'],
    ['zstd', 'zst'],
  ] as const)
    describe(`compressed by ${tool}`, () => {
      it('becomes an uncompressed layer, which every engine takes', async function () {
        if (spawnSync(tool, ['--version']).error) this.skip()
        const tar = tarOf(DEBIAN)
        const packed = execFileSync(tool, ['-c', '-q'], { input: tar, maxBuffer: 1e8 })
        const { layers, config } = await installed(file(packed, `rootfs.tar.${ending}`))
        expect(layers).to.deep.equal([
          { mediaType: MEDIA_TYPES.ociLayer, digest: digestOf(tar), size: tar.length },
        ])
        expect(config.rootfs.diff_ids).to.deep.equal([digestOf(tar)])
      })
    })

  it('gives the same image whenever it is installed', async () => {
    const target = file(tarOf(DEBIAN))
    const first = await installed(target)
    const copy = file(readFileSync(target), 'copy.tar')
    const { alreadyThere, copiedBytes } = await install({ targets: [copy], store })
    expect(alreadyThere).to.deep.equal([first.image?.digest])
    expect(copiedBytes).to.equal(0)
  })

  it('has the name and version that the user gives', async () => {
    const { image } = await installed(file(tarOf(DEBIAN)), { name: 'Mine', version: '1.0' })
    expect(image).to.deep.include({ name: 'Mine', version: '1.0', fullName: 'CN=Unknown_Mine_1.0' })
  })

  it('reads quoted values, and takes etc before usr/lib', async () => {
    const release = '# a comment\nID=\'rocky\'\nVERSION_ID="9.3"\nNAME="Rocky \\"Linux\\""\n'
    const tar = tarOf({ 'usr/lib/os-release': RELEASE, 'etc/os-release': release, 'bin/sh': elf(62) })
    expect((await installed(file(tar))).image).to.deep.include({ name: 'rocky', version: '9.3' })
  })

  it('finds an os-release below usr/lib, and with ./ before every name', async () => {
    const tar = tarOf({ './usr/lib/os-release': RELEASE, './bin/sh': elf(62) })
    expect((await installed(file(tar))).image).to.deep.include({ name: 'debian', version: '12' })
  })

  it('takes a build id for a version where a system rolls', async () => {
    const tar = tarOf({ 'etc/os-release': 'ID=arch\nBUILD_ID=rolling\n', 'bin/sh': elf(62) })
    expect((await installed(file(tar))).image).to.deep.include({ name: 'arch', version: 'rolling' })
  })

  it('without an os-release needs a name and a version', async () => {
    const target = file(tarOf({ 'bin/sh': elf(62), 'etc/passwd': 'root' }))
    const nameless = await failure(install({ targets: [target], store }), 'ARCHIVE_UNKNOWN')
    expect(nameless.remedy).to.equal('Give it with `name`.')
    const versionless = await failure(install({ targets: [target], store, name: 'a' }), 'ARCHIVE_UNKNOWN')
    expect(versionless.remedy).to.equal('Give it with `version`.')
    expect(filesIn(store)).to.deep.equal({})
    const { image } = await installed(target, { name: 'mine', version: '1.0' })
    expect(image?.tags).to.deep.equal(['mine:1.0', 'mine:latest'])
  })

  it('without a VERSION_ID needs a version', async () => {
    const target = file(tarOf({ 'etc/os-release': 'ID=debian\n', 'bin/sh': elf(62) }))
    await failure(install({ targets: [target], store }), 'ARCHIVE_UNKNOWN')
    expect((await installed(target, { version: 'sid' })).image?.version).to.equal('sid')
  })

  for (const [machine, bits, platform] of [
    [183, 2, 'linux/arm64'],
    [40, 1, 'linux/arm/v7'],
    [3, 1, 'linux/386'],
    [243, 2, 'linux/riscv64'],
    [21, 2, 'linux/ppc64le'],
  ] as const)
    it(`is for ${platform} by the header of its programs`, async () => {
      const target = file(tarOf({ ...DEBIAN, 'bin/sh': elf(machine, bits) }))
      expect((await installed(target)).image?.platform).to.equal(platform)
    })

  it('without a program needs a platform', async () => {
    const target = file(tarOf({ 'etc/os-release': RELEASE }))
    const error = await failure(install({ targets: [target], store }), 'ARCHIVE_UNKNOWN')
    expect(error.remedy).to.equal('Give it with `platform`.')
    expect((await installed(target, { platform: 'linux/arm64' })).image?.platform).to.equal('linux/arm64')
  })

  it('is refused where it is cut short, even between two members', async () => {
    const tar = tarOf(DEBIAN)
    for (const size of [tar.length - 1024, tar.length - 1024 - 700, 1024 + 300]) {
      const target = file(tar)
      truncateSync(target, size)
      await failure(install({ targets: [target], store }), 'ARCHIVE_INVALID')
    }
    expect(filesIn(store)).to.deep.equal({})
  })

  it('is refused where its gzip is cut short', async () => {
    const gz = gzipSync(tarOf(DEBIAN))
    const target = file(gz.subarray(0, gz.length - 20))
    await failure(install({ targets: [target], store }), 'ARCHIVE_INVALID')
  })

  it('is refused where a name leads out of it', async () => {
    for (const name of ['etc/../../x', '/etc/passwd']) {
      const target = file(tarOf({ ...DEBIAN, [name]: 'x' }))
      await failure(install({ targets: [target], store }), 'UNSAFE_NAME')
    }
  })

  it('that is not a tar is refused', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('hello'), Buffer.alloc(4096, 1)])
      await failure(install({ targets: [file(bytes)], store }), 'ARCHIVE_UNKNOWN')
  })
})
