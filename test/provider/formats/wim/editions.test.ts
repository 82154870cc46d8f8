import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect } from 'chai'
import { inspectedWimLines } from '../../../../cli/output/inspected-wims.js'
import { findImage, openWim } from '../../../../provider/formats/wim/index.js'
import { writeWim } from '../../../../provider/formats/wim/write/index.js'
import { find, inspect, install, save, verify } from '../../../../provider/index.js'
import { describeWithPeers } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'
import { installWim } from './layer/installed-layer.js'
import { readTar } from './layer/read-tar.js'
import { file, folder, junctionBuffer, type RawImage, writeRawWim } from './raw-wim.js'
import { noise } from './source-tree.js'
import { wimlib } from './wimlib.js'
import { expectSameTree, fullTree } from './write/full-tree.js'

interface Edition {
  name: string
  edition?: string
  type?: string
  version?: string
}

function imageOf(
  { name, edition, type, version = '10.0.26100.1' }: Edition,
  root = folder([file('f', name)]),
): RawImage {
  const [major, minor, build, revision] = version.split('.')
  const element = (key: string, value: string | undefined) => (value ? `<${key}>${value}</${key}>` : '')
  const numbers = version
    ? `<VERSION><MAJOR>${major}</MAJOR><MINOR>${minor}</MINOR><BUILD>${build}</BUILD><SPBUILD>${revision}</SPBUILD></VERSION>`
    : ''
  const windows = `<WINDOWS><ARCH>9</ARCH>${element('EDITIONID', edition)}${element('INSTALLATIONTYPE', type)}${numbers}</WINDOWS>`
  return { root, xml: `${element('NAME', name)}${windows}` }
}

/** Said, as a Windows that is older takes none of them by itself. */
const PLATFORM = 'windows/amd64:10.0.26100.1'

const WINDOWS_11: Edition[] = [
  { name: 'Windows 11 Home', edition: 'Core' },
  { name: 'Windows 11 Pro', edition: 'Professional' },
  { name: 'Windows 11 Education', edition: 'Education' },
]

describe('a WIM of several editions', () => {
  const folders = scratch()
  let work = ''
  let wim = ''
  beforeEach(() => {
    work = folders.folder()
    mkdirSync(path.join(work, 'src'))
    mkdirSync(path.join(work, 'out'))
    wim = writeRawWim(
      path.join(work, 'src', 'install.wim'),
      WINDOWS_11.map((one) => imageOf(one)),
    )
  })
  after(() => folders.remove())

  const out = (): string[] => readdirSync(path.join(work, 'out')).sort()
  const saved = (index: string | undefined, more: object = {}) =>
    save({ names: [wim], path: path.join(work, 'out'), store: path.join(work, 'store'), index, ...more })

  async function contentOf(target: string): Promise<string[]> {
    const { layer } = await installWim(target, path.join(folders.folder(), 'store'))
    return readTar(layer).flatMap(({ type, bytes }) => (type === '0' ? [bytes.toString()] : []))
  }

  for (const [how, index] of [
    ['index', '2'],
    ['name, in any case', 'windows 11 PRO'],
    ['edition', 'professional'],
  ] as const)
    it(`is saved as one image, chosen by ${how}`, async () => {
      const { files, images } = await saved(index)
      expect(images).to.have.length(1)
      expect(images[0]).to.include({ name: 'Windows 11 Pro', version: '10.0.26100.1' })
      expect(out()).to.deep.equal(['Windows-11-Pro-10-0-26100-1.wim'])
      const target = files[0]?.path ?? ''
      expect(await verify({ paths: [target] })).to.include({ ok: true })
      expect(await contentOf(target)).to.deep.equal(['Windows 11 Pro'])
      const before = readFileSync(target)
      await saved(index)
      expect(readFileSync(target).equals(before)).to.equal(true)
    })

  it('is saved as one image where it lies behind a URL, and nothing else of it stays', async () => {
    const bytes = readFileSync(wim)
    const server = http.createServer((_, response) => response.end(bytes))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const { port } = server.address() as AddressInfo
      const facts = { name: 'win11', version: '26100.1', summary: 'x', os: 'windows', architecture: 'amd64' }
      const source = path.join(work, 'catalog.json')
      const url = `http://127.0.0.1:${port}/images/install.wim`
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      const images = [{ ...facts, url, sha256, size: bytes.length }]
      writeFileSync(source, JSON.stringify({ schemaVersion: 1, images }))
      const request = {
        names: ['win11'],
        source,
        path: path.join(work, 'out'),
        store: path.join(work, 'store'),
      }
      await save({ ...request, index: 'Education', whatIf: true })
      expect(out()).to.deep.equal([])
      const { files } = await save({ ...request, index: 'Education' })
      expect(await contentOf(files[0]?.path ?? '')).to.deep.equal(['Windows 11 Education'])
      expect(out()).to.deep.equal(['win11-26100-1.wim'])
      const elsewhere = { ...request, path: path.join(work, 'other.wim') }
      const error = await failure(save({ ...elsewhere, index: '4' }), 'NO_MATCH')
      expect(error.message).to.match(/^install\.wim has no image "4"; it has 1 "Windows 11 Home", /)
      expect(error.remedy).to.include('`index`')
      const several = await failure(install({ targets: ['win11'], source, store: request.store }), 'USAGE')
      expect(several.message).to.include('"install.wim" contains an unexpected number of images (3)')
      expect(readdirSync(path.join(work, 'store', 'ingest'))).to.deep.equal([])
      // What is open cannot be removed on Windows.
      expect(openFiles().filter((file) => file.startsWith(work))).to.deep.equal([])
      await save({ ...request, force: true })
      expect(readFileSync(path.join(work, 'out', 'win11-26100-1.wim')).equals(bytes)).to.equal(true)
    } finally {
      server.close()
      server.closeAllConnections()
    }
  })

  it('is saved in the version that is given, where it has none of its own', async () => {
    const bare = writeRawWim(path.join(work, 'bare.wim'), [imageOf({ name: 'Bare', version: '' })])
    const request = { names: [bare], path: path.join(work, 'out'), store: path.join(work, 'store') }
    const error = await failure(save(request), 'ARCHIVE_UNKNOWN')
    expect(error.remedy).to.include('`requiredVersion`')
    expect(out()).to.deep.equal([])
    await save({ ...request, requiredVersion: '1.0', version: '1.0' })
    await save({ ...request, requiredVersion: '2.0', version: '2.0', format: 'oci-archive' })
    expect(out()).to.deep.equal(['Bare-1-0.wim', 'Bare-2-0.tar'])
    expect(readFileSync(path.join(work, 'out', 'Bare-1-0.wim')).equals(readFileSync(bare))).to.equal(true)
    expect(await verify({ paths: [path.join(work, 'out', 'Bare-2-0.tar')] })).to.include({ ok: true })
  })

  it('is not saved under the name of an archive, unless one is asked for', async () => {
    for (const name of ['x.tar', 'X.TAR']) {
      const error = await failure(saved('2', { path: path.join(work, 'out', name) }), 'USAGE')
      expect(error.message).to.equal('"Windows 11 Pro" is offered as a WIM, which is saved as it is.')
      expect(error.remedy).to.include('`format`')
    }
    expect(out()).to.deep.equal([])
    await saved('2', { path: path.join(work, 'out', 'x.tar'), format: 'oci-archive' })
    expect(out()).to.deep.equal(['x.tar'])
  })

  it('is saved as one image where a source offers it by name', async () => {
    const request = {
      path: path.join(work, 'out'),
      store: path.join(work, 'store'),
      source: path.join(work, 'src'),
      platform: PLATFORM,
    }
    const { files } = await save({ ...request, names: ['Windows 11 Education'] })
    expect(await contentOf(files[0]?.path ?? '')).to.deep.equal(['Windows 11 Education'])
    const { files: parts } = await save({ ...request, names: ['Windows 11 Home'], whatIf: true })
    expect(parts[0]?.path).to.match(/Windows-11-Home-10-0-26100-1\.wim$/)
    expect(out()).to.have.length(1)
  })

  it('is installed as the image that a source offers by name', async () => {
    for (const { name } of WINDOWS_11) {
      const store = path.join(folders.folder(), 'store')
      const source = path.join(work, 'src')
      const { images } = await install({ targets: [name], store, source, platform: PLATFORM })
      expect(images.map((image) => image.name)).to.deep.equal([name])
      const { files } = await save({
        names: [name],
        format: 'oci-archive',
        source,
        store,
        platform: PLATFORM,
        path: path.join(work, `${name}.tar`),
      })
      expect(await contentOf(files[0]?.path ?? '')).to.deep.equal([name])
    }
  })

  it('is refused where none is chosen, and where what is chosen is not there', async () => {
    const error = await saved(undefined).catch((reason) => reason)
    expect(error).to.include({ code: 'USAGE' })
    expect(error.found).to.equal('1 "Windows 11 Home", 2 "Windows 11 Pro", 3 "Windows 11 Education"')
    expect(error.remedy).to.contain('`index`')
    for (const index of ['4', '0', 'Windows 10', 'Enterprise'])
      expect(await saved(index).catch((reason) => reason)).to.include({ code: 'NO_MATCH' })
    expect(out()).to.deep.equal([])
  })

  it('becomes an archive of the one that is chosen', async () => {
    const { files } = await saved('Education', { format: 'oci-archive' })
    expect(await contentOf(files[0]?.path ?? '')).to.deep.equal(['Windows 11 Education'])
  })

  it('is asked for more closely where an edition is there twice, and digits may be a name', async () => {
    const twice = writeRawWim(path.join(work, 'twice.wim'), [
      imageOf({ name: 'Server', edition: 'ServerStandard', type: 'Server Core' }),
      imageOf({ name: 'Server (Desktop)', edition: 'ServerStandard', type: 'Server' }),
      imageOf({ name: '2025', edition: 'ServerDatacenter' }),
    ])
    const opened = await openWim(twice)
    expect(() => findImage(opened, 'ServerStandard')).to.throw('1 "Server", 2 "Server (Desktop)"')
    expect(findImage(opened, '2025').index).to.equal(3)
    expect(findImage(opened, '2').name).to.equal('Server (Desktop)')
    await opened.close()
  })

  it('is listed as far as anybody reads', async () => {
    const many = writeRawWim(
      path.join(work, 'many.wim'),
      Array.from({ length: 300 }, (_, i) => imageOf({ name: `Edition ${i + 1}` })),
    )
    for (const index of [undefined, 'nothing']) {
      const request = { targets: [many], store: path.join(work, 'store'), index }
      const { message, found = '' } = await install(request).catch((reason) => reason)
      expect(`${message} ${found}`)
        .to.contain('20 "Edition 20" and 280 more')
        .and.not.to.contain('Edition 21')
    }
  })

  it('keeps all that its trees have, also of the second of two', async () => {
    const full = { name: 'full', root: fullTree() }
    const large = {
      ...{ name: '', attributes: 0x20, createdAt: 1n, accessedAt: 2n, writtenAt: 3n },
      content: { size: 5_000_000, open: () => once(noise(5_000_000)) },
    }
    const root = { ...fullTree(), children: [...(fullTree().children ?? []), { ...large, name: 'large' }] }
    const source = path.join(work, 'full.wim')
    await writeWim(source, [full, { name: 'other', root }], { compression: 'lzx' })
    for (const [index, tree] of [
      ['full', full.root],
      ['other', root],
    ] as const) {
      const form = { format: 'wim', wimCompress: 'none', integrity: true }
      const { files } = await saved(index, { names: [source], version: '1.0', ...form })
      const opened = await openWim(files[0]?.path ?? '')
      expect(opened.images).to.have.length(1)
      expect(opened.compression).to.equal('none')
      await expectSameTree(opened, 1, tree)
      await opened.close()
    }
  })

  it('keeps folders of OneDrive and EFS with what is in them', async () => {
    const root = folder([
      folder([file('in', '1')], {
        name: 'cloud',
        attributes: 0x410,
        reparse: { tag: 0x9000701a, data: Buffer.from('c') },
      }),
      folder([file('plain', '2')], { name: 'efs', attributes: 0x4010, data: 'raw' }),
      { name: 'j', attributes: 0x410, reparse: { tag: 0xa0000003, data: junctionBuffer('C:\\d') } },
    ])
    const source = writeRawWim(path.join(work, 'odd.wim'), [
      imageOf({ name: 'a', edition: 'A' }, root),
      imageOf({ name: 'b', edition: 'B' }),
    ])
    const { files } = await saved('a', { names: [source] })
    expect(await verify({ paths: [files[0]?.path ?? ''] })).to.include({ ok: true, blobs: 5 })
  })

  it('is refused with a reparse buffer that is longer than any, in whatever form it is saved', async () => {
    const long = { name: 'j', attributes: 0x410, reparse: { tag: 0xa0000003, data: Buffer.alloc(65_537) } }
    const source = writeRawWim(path.join(work, 'long.wim'), [
      imageOf({ name: 'a', edition: 'A' }, folder([long])),
      imageOf({ name: 'b', edition: 'B' }),
    ])
    const asLayer = saved('a', { names: [source], format: 'oci-archive' }).catch((reason) => reason)
    const asWim = saved('a', { names: [source] }).catch((reason) => reason)
    for (const error of await Promise.all([asLayer, asWim])) {
      expect(error).to.include({ code: 'ARCHIVE_INVALID' })
      expect(error.message).to.contain('j: its reparse buffer has 65537 bytes')
    }
  })
})

describe('a WIM of two images', () => {
  const folders = scratch()
  after(() => folders.remove())

  const boot = folder([
    folder([folder([folder([file('bcd', 'x')], { name: 'BOOT' })], { name: 'Microsoft' })], { name: 'efi' }),
  ])
  const named = (name: string, more: Partial<Edition> = {}): RawImage => imageOf({ name, ...more })
  const unix = { unix: { mode: 0o100644 } }
  const linux = (name: string): RawImage =>
    imageOf({ name }, folder([file(name, name, unix)], { unix: { mode: 0o40755 } }))

  const CASES: [title: string, images: RawImage[], 'machine' | 'apart' | 'told'][] = [
    ['a container and what is called its utility VM', [named('Nano'), named('Nano UtilityVM')], 'machine'],
    ['one that is called UVM', [named('Nano'), named('UVM', { version: '' })], 'machine'],
    ['one that starts a machine', [named('Nano'), imageOf({ name: 'Windows' }, boot)], 'machine'],
    ['the same name with a number', [named('Nano'), named('Nano2')], 'told'],
    ['one without a name', [named('Nano'), named('')], 'told'],
    ['one without a version', [named('Nano'), named('other', { version: '' })], 'told'],
    ['two names', [named('Server 2022 Core'), named('Server 2022 Desktop')], 'apart'],
    ['a name that goes on', [named('Server 2022'), named('Server 2022 (Desktop Experience)')], 'apart'],
    ['two editions', [named('A', { edition: 'Core' }), named('A2', { edition: 'Professional' })], 'apart'],
    ['two kinds', [named('A', { type: 'Server Core' }), named('A2', { type: 'Server' })], 'apart'],
    ['two trees of Linux', [linux('a'), linux('b')], 'apart'],
    ['Windows PE and its setup', [named('Windows PE (x64)'), named('Windows Setup (x64)')], 'apart'],
  ]
  for (const [title, images, relation] of CASES)
    it(`is ${relation === 'apart' ? 'no container and machine' : 'one image'}: ${title}`, async () => {
      const work = folders.folder()
      const source = writeRawWim(path.join(work, 'two.wim'), images)
      const notes: string[] = []
      const onProgress = (event: { type: string; message?: string }) =>
        event.type === 'note' && notes.push(event.message ?? '')
      const request = { targets: [source], store: path.join(work, 'store'), version: '1.0' }
      const offered = await find({ source: work, allVersions: true })
      if (relation === 'apart') {
        const error = await install(request).catch((reason) => reason)
        expect(error).to.include({ code: 'USAGE' })
        expect(error.remedy).to.contain('`index`')
        const second = await install({ ...request, index: '2' })
        expect(second.images).to.have.length(1)
        expect(offered.images).to.have.length(2)
        return
      }
      await install({ ...request, onProgress })
      expect(notes.filter((note) => note.includes('utility VM'))).to.have.length(relation === 'told' ? 1 : 0)
      if (relation === 'told') expect(notes[0]).to.contain('`index`')
      expect(offered.images).to.have.length(1)
    })
})

describe('what a WIM says of itself', () => {
  const folders = scratch()
  after(() => folders.remove())

  it('is a table of its images, with how it is made before it', async () => {
    const target = writeRawWim(
      path.join(folders.folder(), 'install.wim'),
      WINDOWS_11.map((one) => imageOf(one)),
    )
    const found = await inspect({ names: [target] })
    const lines = inspectedWimLines(found) ?? []
    expect(lines[0]).to.match(/^install\.wim: WIM, 3 images, \d\.\d\d kB, not compressed$/)
    expect(lines.slice(1).map((line) => line.trim().split(/ {2,}/))).to.deep.equal([
      ['INDEX', 'NAME', 'VERSION', 'EDITION', 'ARCH', 'SIZE', 'FILES', 'CREATED'],
      ['1', 'Windows 11 Home', '10.0.26100.1', 'Core', 'amd64'],
      ['2', 'Windows 11 Pro', '10.0.26100.1', 'Professional', 'amd64'],
      ['3', 'Windows 11 Education', '10.0.26100.1', 'Education', 'amd64'],
    ])
    expect(inspectedWimLines([...found, { name: 'x', digest: 'sha256:0' } as never])).to.equal(undefined)
    expect(inspectedWimLines([])).to.equal(undefined)
  })
})

describeWithPeers(['wimlib-imagex'], 'an edition of a solid WIM', () => {
  const folders = scratch()
  after(() => folders.remove())

  it('is saved with the bytes that wimlib finds in it', async () => {
    const work = folders.folder()
    const names = ['first', 'second', 'third']
    const source = writeRawWim(
      path.join(work, 'plain.wim'),
      names.map((name, i) =>
        imageOf(
          { name },
          folder([
            file('own', noise(90_000 + i)),
            file('shared', noise(200_000)),
            folder([file('deep', name)], { name: 'd' }),
          ]),
        ),
      ),
    )
    const solid = path.join(work, 'solid.esd')
    wimlib('export', source, 'all', solid, '--solid')
    const { files } = await save({
      names: [solid],
      index: 'second',
      path: path.join(work, 'one.wim'),
      store: path.join(work, 's'),
    })
    wimlib('verify', files[0]?.path ?? '')
    wimlib('apply', files[0]?.path ?? '', '1', path.join(work, 'applied'))
    const read = (name: string) => readFileSync(path.join(work, 'applied', name))
    expect(read('own').equals(noise(90_001))).to.equal(true)
    expect(read('shared').equals(noise(200_000))).to.equal(true)
    expect(read('d/deep').toString()).to.equal('second')
  })
})

async function* once(bytes: Buffer) {
  yield bytes
}

/** What this process has open, where the system says so. */
function openFiles(): string[] {
  const list = '/proc/self/fd'
  if (!existsSync(list)) return []
  return readdirSync(list).flatMap((fd) => {
    try {
      return [readlinkSync(path.join(list, fd)).replace(/ \(deleted\)$/, '')]
    } catch {
      return [] // The list itself, which is closed by now.
    }
  })
}
