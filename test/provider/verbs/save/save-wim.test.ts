import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { MEDIA_TYPES } from '../../../../manifests/index.js'
import { find, inspect, install, type ProgressEvent, save, verify } from '../../../../provider/index.js'
import { addLayered, type LayeredImage } from '../../../fixtures/layered-image.js'
import { addIndex, readIndex, writeIndex } from '../../../fixtures/layout.js'
import { type TarMember, tar } from '../../../fixtures/tar.js'
import { scratch } from '../../../scratch.js'
import { installWim } from '../../formats/wim/layer/installed-layer.js'
import { readTar, readTarBytes } from '../../formats/wim/layer/read-tar.js'
import { linuxFacts, windowsFacts } from '../../formats/wim/layer/tree-facts.js'
import { noise } from '../../formats/wim/source-tree.js'
import { failure } from '../failure.js'
import { filesIn } from '../on-disk.js'
import { WINDOWS_LAYERS, WINDOWS_TREE } from '../windows-layers.js'

const NANO: LayeredImage = {
  name: 'NanoServer',
  version: '10.0.14300.1010',
  publisher: 'Contoso',
  edition: 'ServerDatacenterNano',
  platform: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.14300.1010' },
  layers: WINDOWS_LAYERS.map((members, i) => ({ tar: tar(...members), form: i === 1 ? 'gzip' : 'plain' })),
  config: { config: { Cmd: ['powershell'], Env: ['NAME=Jürgen \u0085'], Labels: { a: 'b' } } },
}

const LINUX_TREE: TarMember[] = [
  { name: './', type: '5', mode: 0o755 },
  { name: './etc/', type: '5', mode: 0o700, records: { mtime: '1700000000.1234567' } },
  { name: './etc/passwd', bytes: 'root', mode: 0o640, uid: 0, gid: 42 },
  { name: './bin', type: '2', target: 'usr/bin', mode: 0o777 },
  { name: './absolute', type: '2', target: '/usr/bin/su', mode: 0o777 },
  { name: './odd\u00a0target', type: '2', target: 'a\\b/c d', mode: 0o777 },
  { name: './usr/', type: '5' },
  { name: './usr/bin/', type: '5' },
  { name: './usr/bin/su', bytes: noise(70_000), mode: 0o4755 },
  {
    name: './usr/bin/ping',
    records: { 'SCHILY.xattr.security.capability': Buffer.from([1, 0, 0, 2, 0, 32]) },
  },
  { name: './usr/bin/perl', bytes: noise(400_000), mode: 0o755 },
  { name: './usr/bin/perl5', type: '1', target: './usr/bin/perl', mode: 0o755 },
  { name: './usr/bin/Module::Name', bytes: 'a colon', mode: 0o644 },
  { name: './usr/bin/CASE', bytes: 'upper' },
  { name: './usr/bin/case', bytes: 'lower' },
  { name: './null', type: '3', device: [1, 3], mode: 0o666 },
  { name: './disk', type: '4', device: [259, 70_000], mode: 0o660 },
  { name: './pipe', type: '6', mode: 0o600 },
  { name: './tmp/', type: '5', mode: 0o1777, uid: 70_000, gid: 3_000_000 },
]
const LINUX: LayeredImage = {
  name: 'base',
  version: 'bookworm-20240211',
  platform: { os: 'linux', architecture: 'arm', variant: 'v6' },
  layers: [{ tar: tar(...LINUX_TREE), form: 'gzip' }],
}

describe('save as a WIM', () => {
  const temporary = scratch()
  let folder: string
  let stick: string
  let store: string

  beforeEach(() => {
    folder = path.join(temporary.folder(), 'layout')
    stick = temporary.folder()
    store = path.join(temporary.folder(), 'store')
  })
  afterEach(() => temporary.remove())

  const asWim = { format: 'wim' } as const

  it('gives the same tree of Windows when it is installed again, and the same name, version and platform', async () => {
    addLayered(folder, NANO)
    const { files, images } = await save({ names: [folder], path: stick, store, ...asWim })
    const file = path.join(stick, 'NanoServer-10-0-14300-1010.wim')
    const bytes = readFileSync(file)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    expect(files).to.deep.equal([{ path: file, size: bytes.length, sha256 }])
    expect(images[0]).to.include({ name: 'NanoServer', version: '10.0.14300.1010' })
    expect(images[0]?.digest).to.equal(readIndex(folder)[0]?.digest)
    // Its layers lie on this machine: nothing was brought into the store.
    expect(filesIn(store)).to.deep.equal({})
    // Under another name, so that nothing is taken from the file's name.
    const renamed = path.join(stick, 'x.wim')
    writeFileSync(renamed, bytes)
    const { layer, config, fullName } = await installWim(renamed, store)
    expect(fullName).to.equal('CN=Contoso_NanoServer_10.0.14300.1010')
    expect(config).to.deep.include({ ...NANO.platform, created: '2016-04-15T12:30:45Z', ...NANO.config })
    const expected = windowsFacts(readTarBytes(tar(...WINDOWS_TREE)))
    const found = windowsFacts(readTar(layer))
    expect(Object.keys(found).sort()).to.deep.equal(Object.keys(expected).sort())
    expect(found).to.deep.equal(expected)
  })

  it('tells other programs of edition, build and architecture', async () => {
    addLayered(folder, NANO)
    const { files } = await save({ names: [folder], path: path.join(stick, 'a.wim'), store, ...asWim })
    const [seen] = await inspect({ names: [files[0]?.path ?? ''], store })
    expect(seen).to.deep.include({ format: 'WIM', compression: 'XPRESS', integrityTable: false })
    const listed = seen && 'images' in seen ? seen.images : []
    expect(listed[0]).to.include({
      ...{ name: 'NanoServer', edition: 'ServerDatacenterNano', architecture: 'amd64' },
      ...{ version: '10.0.14300.1010', created: '2016-04-15T12:30:45Z' },
    })
    expect(listed.map(({ name }) => name)).to.deep.equal(['NanoServer', 'NanoServer UtilityVM'])
    const { images } = await find({ source: stick })
    expect(images).to.have.length(1)
  })

  it('keeps a version that is none of four numbers, and the features of its system', async () => {
    const platform = {
      ...{ os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348.2340' },
      'os.features': ['win32k'],
    }
    addLayered(folder, { ...NANO, version: 'ltsc2022', platform })
    const { files } = await save({ names: [folder], path: stick, store, ...asWim })
    const { version, config } = await installWim(files[0]?.path ?? '', store)
    expect(version).to.equal('ltsc2022')
    expect(config).to.deep.include(platform)
  })

  it('gives the same tree of Linux when it is installed again', async () => {
    addLayered(folder, LINUX)
    const { files } = await save({ names: [folder], path: stick, store, ...asWim })
    expect(path.basename(files[0]?.path ?? '')).to.equal('base-bookworm-20240211.wim')
    const { layer, config, name, version } = await installWim(files[0]?.path ?? '', store)
    expect({ name, version }).to.deep.equal({ name: 'base', version: 'bookworm-20240211' })
    expect(config).to.deep.include(LINUX.platform)
    expect(linuxFacts(readTar(layer))).to.deep.equal(linuxFacts(readTarBytes(tar(...LINUX_TREE))))
  })

  it('gives the same file each time, and from what was installed of it', async () => {
    addLayered(folder, NANO)
    const first = await save({ names: [folder], path: path.join(stick, '1.wim'), store, ...asWim })
    const second = await save({ names: [folder], path: path.join(stick, '2.wim'), store, ...asWim })
    await install({ targets: [first.files[0]?.path ?? ''], store })
    const third = await save({ names: [store], path: path.join(stick, '3.wim'), store, ...asWim })
    const hashes = [first, second, third].map(({ files }) => files[0]?.sha256)
    expect(new Set(hashes).size).to.equal(1)
  })

  it('writes each form that is asked for, and verify finds all of them well', async () => {
    const large = { name: 'large', bytes: noise(2_500_000) }
    addLayered(folder, { ...LINUX, layers: [...LINUX.layers, { tar: tar(large), form: 'gzip' }] })
    for (const wimCompress of ['none', 'xpress', 'lzx'] as const) {
      const file = path.join(stick, `${wimCompress}.wim`)
      await save({ names: [folder], path: file, store, wimCompress, integrity: true })
      const [seen] = await inspect({ names: [file], store })
      expect(seen).to.deep.include({
        compression: wimCompress === 'none' ? 'none' : wimCompress.toUpperCase(),
        integrityTable: true,
      })
      expect((await verify({ paths: [file] })).problems).to.deep.equal([])
    }
  })

  it('splits into parts, which are installed together', async () => {
    const noises = [1, 2, 3].map((i) => ({ name: `noise ${i}`, bytes: noise(900_000 + i) }))
    addLayered(folder, { ...LINUX, layers: [...LINUX.layers, { tar: tar(...noises) }] })
    const request = { names: [folder], path: path.join(stick, 'a.wim'), store, splitSize: 1_500_000 }
    const { files } = await save(request)
    expect(files.map((file) => path.basename(file.path))).to.deep.equal(['a.swm', 'a2.swm', 'a3.swm'])
    for (const { path: file, size, sha256 } of files) {
      expect(size).to.equal(statSync(file).size).and.to.be.at.most(1_500_000)
      expect(sha256).to.equal(createHash('sha256').update(readFileSync(file)).digest('hex'))
    }
    const { layer } = await installWim(files[0]?.path ?? '', store)
    const expected = tar(...LINUX_TREE, ...noises)
    expect(linuxFacts(readTar(layer))).to.deep.equal(linuxFacts(readTarBytes(expected)))
    // The same again is not a conflict; parts in the way are not overwritten, also where the first of them is gone.
    expect((await save(request)).files).to.deep.equal(files)
    expect(readdirSync(stick)).to.deep.equal(['a.swm', 'a2.swm', 'a3.swm'])
    await failure(save({ ...request, splitSize: 2_500_000 }), 'FILE_EXISTS')
    await failure(save({ ...request, wimCompress: 'lzx' }), 'FILE_EXISTS')
    rmSync(path.join(stick, 'a.swm'))
    await failure(save(request), 'FILE_EXISTS')
    expect(readdirSync(stick)).to.deep.equal(['a2.swm', 'a3.swm'])
    // Those of a longer set do not stay beside a shorter one.
    await save({ ...request, splitSize: 10_000_000, force: true })
    expect(readdirSync(stick)).to.deep.equal(['a.swm'])
  })

  it('saves several images into a folder, and refuses them for one file', async () => {
    addLayered(folder, NANO)
    addLayered(folder, LINUX)
    const { files } = await save({ names: [folder], path: stick, store, ...asWim })
    expect(files.map((file) => path.basename(file.path))).to.deep.equal([
      'NanoServer-10-0-14300-1010.wim',
      'base-bookworm-20240211.wim',
    ])
    await failure(save({ names: [folder], path: path.join(stick, 'both.wim'), store }), 'USAGE')
    expect(existsSync(path.join(stick, 'both.wim'))).to.equal(false)
  })

  it('takes of an index the platform that is meant', async () => {
    const manifests = ['amd64', 'arm64'].map((architecture) =>
      addLayered(folder, { ...LINUX, platform: { os: 'linux', architecture } }),
    )
    writeIndex(folder, [addIndex(folder, manifests)])
    const file = path.join(stick, 'a.wim')
    const { images } = await save({ names: [folder], path: file, store, platform: 'linux/arm64' })
    expect(images[0]).to.include({ platform: 'linux/arm64', digest: manifests[1]?.digest })
    await failure(save({ names: [folder], path: stick, store, ...asWim, allPlatforms: true }), 'USAGE')
  })

  it('copies a WIM as it is, and writes it anew where another form is asked for', async () => {
    addLayered(folder, NANO)
    const [made] = (await save({ names: [folder], path: path.join(stick, 'a.wim'), store })).files
    const wim = made?.path ?? ''
    const copied = await save({ names: [wim], path: path.join(stick, 'b.wim'), store, ...asWim })
    expect(copied.files[0]?.sha256).to.equal(made?.sha256)
    const again = await save({ names: [wim], path: path.join(stick, 'c.wim'), store, wimCompress: 'none' })
    const [seen] = await inspect({ names: [again.files[0]?.path ?? ''], store })
    expect(seen).to.deep.include({ compression: 'none' })
    // What was made in the store on the way is gone again.
    expect(Object.keys(filesIn(path.join(store, 'blobs')))).to.deep.equal([])
    const [one, other] = [path.join(store, '1'), path.join(store, '2')]
    const first = await installWim(wim, one)
    const second = await installWim(again.files[0]?.path ?? '', other)
    expect(windowsFacts(readTar(second.layer))).to.deep.equal(windowsFacts(readTar(first.layer)))
  })

  it('does not write over a file, unless forced', async () => {
    addLayered(folder, LINUX)
    const file = path.join(stick, 'a.wim')
    writeFileSync(file, 'precious')
    await failure(save({ names: [folder], path: file, store }), 'FILE_EXISTS')
    expect(readFileSync(file, 'utf8')).to.equal('precious')
    await save({ names: [folder], path: file, store, force: true })
    expect((await verify({ paths: [file] })).ok).to.equal(true)
    // Another image of the same name and version is another file.
    const other = path.join(temporary.folder(), 'layout')
    addLayered(other, { ...LINUX, layers: [...LINUX.layers, { tar: tar({ name: 'more' }) }] })
    const before = readFileSync(file)
    await failure(save({ names: [other], path: file, store }), 'FILE_EXISTS')
    expect(readFileSync(file).equals(before)).to.equal(true)
    expect((await save({ names: [folder], path: file, store })).files).to.have.length(1)
    expect(readdirSync(stick)).to.deep.equal(['a.wim'])
  })

  it('says what it would do, and does nothing', async () => {
    addLayered(folder, NANO)
    const { files } = await save({ names: [folder], path: stick, store, ...asWim, whatIf: true })
    expect(files[0]?.path).to.equal(path.join(stick, 'NanoServer-10-0-14300-1010.wim'))
    expect(readdirSync(stick)).to.deep.equal([])
    expect(filesIn(store)).to.deep.equal({})
  })

  it('tells its progress to the last byte, and leaves nothing where it is stopped', async () => {
    const large = { name: 'large', bytes: noise(5_000_000) }
    addLayered(folder, { ...LINUX, layers: [{ tar: tar(large), form: 'gzip' }] })
    const events: ProgressEvent[] = []
    const onProgress = (event: ProgressEvent) => events.push(event)
    await save({ names: [folder], path: path.join(stick, 'a.wim'), store, onProgress })
    const begin = events.find((event) => event.type === 'begin')
    expect(begin).to.deep.equal({ type: 'begin', task: 'Saving base bookworm-20240211', total: 5_000_000 })
    const moved = events.flatMap((event) =>
      event.type === 'bytes' && event.kind === 'copied' ? [event.count] : [],
    )
    expect(moved.reduce((sum, count) => sum + count, 0)).to.be.at.least(5_000_000)
    const open = events.filter(({ type }) => type === 'begin').length
    expect(events.filter(({ type }) => type === 'end')).to.have.length(open)

    const stop = new AbortController()
    const stopAtBytes = (event: ProgressEvent) => event.type === 'bytes' && stop.abort()
    const request = { names: [folder], path: path.join(stick, 'b.wim'), store, signal: stop.signal }
    await failure(save({ ...request, onProgress: stopAtBytes }), 'INTERRUPTED')
    expect(readdirSync(stick)).to.deep.equal(['a.wim'])
  })

  it('refuses layers that were changed, before anything is written', async () => {
    addLayered(folder, LINUX)
    const [root] = readIndex(folder)
    const read = (digest = '') => path.join(folder, 'blobs', ...digest.split(':'))
    const manifest = JSON.parse(readFileSync(read(root?.digest), 'utf8'))
    const layer = read(manifest.layers[0].digest)
    const bytes = readFileSync(layer)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    writeFileSync(layer, bytes)
    await failure(save({ names: [folder], path: stick, store, ...asWim }), 'DIGEST_MISMATCH')
    expect(readdirSync(stick)).to.deep.equal([])
  })

  for (const [title, mediaType, words] of [
    ['encrypted', `${MEDIA_TYPES.ociLayerGzip}+encrypted`, 'Decrypt'],
    ['of an unknown kind', 'application/vnd.example.squashfs', 'without `format` wim'],
  ] as const)
    it(`refuses layers that are ${title}`, async () => {
      addLayered(folder, { ...LINUX, layers: [{ tar: tar({ name: 'a' }), mediaType }] })
      const error = await failure(save({ names: [folder], path: stick, store, ...asWim }), 'ARCHIVE_UNKNOWN')
      expect(error.found).to.contain(mediaType)
      expect(error.remedy).to.contain(words)
    })

  it('names a foreign layer that is not there', async () => {
    const mediaType = MEDIA_TYPES.dockerForeignLayerGzip
    const missing = { tar: tar({ name: 'Files/a' }), form: 'gzip', mediaType, leftOut: true } as const
    addLayered(folder, { ...NANO, layers: [missing] })
    const error = await failure(save({ names: [folder], path: stick, store, ...asWim }), 'BLOB_MISSING')
    expect(error.message).to.contain('foreign layer sha256:').and.to.contain('NanoServer')
    expect(error.remedy).to.contain('`noForeign`')
    expect(readdirSync(stick)).to.deep.equal([])
  })

  const unsupported: [string, LayeredImage, TarMember, string][] = [
    ['256 characters and a backslash', LINUX, { name: `lib/${'x'.repeat(255)}\\`, bytes: 'x' }, '255'],
    ['256 characters', NANO, { name: `Files/${'x'.repeat(256)}`, bytes: 'x' }, '255'],
    ['a folder of 256', NANO, { name: `Files/${'y'.repeat(256)}/z`, bytes: 'x' }, '255'],
    [
      'holes, of the form 1.0',
      LINUX,
      {
        name: 'GNUSparseFile.0/with holes',
        bytes: '1\n0\n1\n'.padEnd(512, '\0'),
        records: {
          'GNU.sparse.major': '1',
          'GNU.sparse.minor': '0',
          'GNU.sparse.name': 'with holes',
          'GNU.sparse.realsize': '9',
        },
      },
      'sparse',
    ],
    ['holes, of the old form', LINUX, { name: 'with holes', type: 'S' as '0' }, 'sparse'],
  ]
  for (const [title, image, member, words] of unsupported)
    it(`names a file with ${title}, and leaves it out where that is asked for`, async () => {
      const shown = member.records?.['GNU.sparse.name']?.toString() ?? member.name
      addLayered(folder, { ...image, layers: [...image.layers, { tar: tar(member) }] })
      const request = { names: [folder], path: path.join(stick, 'a.wim'), store }
      const error = await failure(save(request), 'ARCHIVE_UNKNOWN')
      expect(error.message).to.contain(shown).and.to.contain(words)
      expect(error.remedy).to.contain('`skipUnsupported`')
      expect(readdirSync(stick)).to.deep.equal([])
      const notes: string[] = []
      const onProgress = (event: ProgressEvent) => event.type === 'note' && notes.push(event.message)
      await save({ ...request, skipUnsupported: true, onProgress })
      expect(notes.join()).to.contain(shown)
      const { layer } = await installWim(path.join(stick, 'a.wim'), store)
      expect(
        readTar(layer)
          .map(({ name }) => name)
          .join(),
      ).not.to.contain(shown)
    })

  it('refuses its options for other formats', async () => {
    addLayered(folder, LINUX)
    for (const option of [{ integrity: true }, { splitSize: 2_000_000 }, { wimCompress: 'lzx' as const }])
      await failure(save({ names: [folder], path: stick, store, ...option }), 'USAGE')
  })
})
