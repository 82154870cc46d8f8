import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import {
  openWim,
  readBlobs,
  readTree,
  type Wim,
  type WimEntry,
  walkTree,
} from '../../../../../provider/formats/wim/index.js'
import {
  type FromImageOptions,
  imageFromLayers,
  writeWim,
} from '../../../../../provider/formats/wim/write/index.js'
import { type TarMember, tar } from '../../../../fixtures/tar.js'
import { scratch } from '../../../../scratch.js'
import { noise } from '../source-tree.js'

const LINUX: FromImageOptions = { os: 'linux', name: 'linux' }
const WINDOWS: FromImageOptions = { os: 'windows', name: 'windows' }

describe('an image as a WIM', () => {
  const folders = scratch()
  const open: Wim[] = []
  afterEach(async () => {
    for (const wim of open.splice(0)) await wim.close()
  })
  after(() => folders.remove())

  /** Flattens layers, writes them, and reads the WIM again. */
  async function written(
    layers: TarMember[][],
    options: FromImageOptions,
    form: 'plain' | 'gzip' | 'stream' = 'plain',
  ) {
    const folder = folders.folder()
    const sources = []
    for (const [i, members] of layers.entries()) {
      const bytes = form === 'plain' ? tar(...members) : gzipSync(tar(...members))
      const file = path.join(folder, `${i}`)
      // Behind other bytes, as a layer in an archive is.
      await writeFile(file, Buffer.concat([Buffer.alloc(700, 1), bytes, Buffer.alloc(700, 2)]))
      const range = { path: file, offset: 700, size: bytes.length }
      const compression: 'none' | 'gzip' = form === 'plain' ? 'none' : 'gzip'
      const label = `layer ${i}`
      if (form === 'stream') sources.push({ label, compression, open: () => once(bytes) })
      else sources.push({ label, compression, range })
    }
    const image = await imageFromLayers(sources, options)
    const file = path.join(folder, 'image.wim')
    await writeWim(file, image.images, { compression: 'xpress' })
    await image.close()
    const wim = await openWim(file)
    open.push(wim)
    return { wim, file, skipped: image.skipped, images: image.images }
  }

  async function entries(wim: Wim, index = 1): Promise<Map<string, WimEntry>> {
    const { root } = await readTree(wim, index)
    return new Map([root, ...walkTree(root)].map((entry) => [entry.path, entry]))
  }

  async function content(wim: Wim, sha1: string | undefined): Promise<Buffer> {
    const blob = wim.blobs.get(sha1 ?? '')
    const found: Buffer[] = []
    if (blob) for await (const { bytes } of readBlobs([blob], { workers: 0 })) found.push(Buffer.from(bytes))
    return Buffer.concat(found)
  }

  async function texts(wim: Wim): Promise<Record<string, string>> {
    const found: Record<string, string> = {}
    for (const [name, entry] of await entries(wim))
      if (!entry.isDirectory && !entry.isReparsePoint)
        found[name] = (await content(wim, entry.sha1)).toString('utf8')
    return found
  }

  const layered: TarMember[][] = [
    [
      { name: './', type: '5', mode: 0o750 },
      { name: './kept', bytes: 'kept' },
      { name: './gone', bytes: 'gone' },
      { name: './dir/', type: '5' },
      { name: './dir/old', bytes: 'old' },
      { name: './dir/changed', bytes: 'before' },
      { name: './wiped/', type: '5' },
      { name: './wiped/a', bytes: 'a' },
      { name: './wiped/deep/b', bytes: 'b' },
      { name: './turned/', type: '5' },
      { name: './turned/inside', bytes: 'lost' },
      { name: './linked', bytes: 'linked' },
    ],
    [
      { name: 'dir/changed', bytes: 'after' },
      { name: 'dir/', type: '5', mode: 0o700 },
      { name: '.wh.gone' },
      { name: 'wiped/new', bytes: 'new' },
      { name: 'wiped/.wh..wh..opq' },
      { name: 'turned', bytes: 'a file now' },
      { name: 'second name', type: '1', target: 'linked' },
      { name: 'no/parents/here', bytes: 'deep' },
      { name: '.wh.second name' },
      { name: 'missing/.wh.nothing' },
    ],
  ]

  for (const form of ['plain', 'gzip', 'stream'] as const)
    it(`lays layers over each other: ${form}`, async () => {
      const { wim } = await written(layered, LINUX, form)
      expect(await texts(wim)).to.deep.equal({
        '/kept': 'kept',
        '/dir/old': 'old',
        '/dir/changed': 'after',
        '/wiped/new': 'new',
        '/turned': 'a file now',
        '/linked': 'linked',
        '/second name': 'linked',
        '/no/parents/here': 'deep',
      })
      const found = await entries(wim)
      expect(found.get('/')?.unix?.mode).to.equal(0o040750)
      expect(found.get('/dir')?.unix?.mode).to.equal(0o040700)
      expect(found.get('/linked')?.linkGroup).to.equal(found.get('/second name')?.linkGroup).and.not.equal(0n)
      expect(found.get('/kept')?.linkGroup).to.equal(0n)
    })

  /** As umoci lays them out: a link of the image leads within its root, whatever it says. */
  const base: TarMember[] = [
    { name: 'usr/bin/sh', bytes: 'sh' },
    { name: 'usr/lib/a', bytes: 'a' },
    { name: 'bin', type: '2', target: 'usr/bin' },
    { name: 'lib', type: '2', target: '/usr/lib' },
    { name: 'up', type: '2', target: '../../../usr/bin' },
    { name: 'far', type: '2', target: 'bin' },
  ]
  const throughLinks: [string, TarMember[][], Record<string, string>][] = [
    ['a file', [[{ name: 'bin/tool', bytes: 'x' }]], { '/usr/bin/tool': 'x', '/usr/bin/sh': 'sh' }],
    ['a file in place of another', [[{ name: 'bin/sh', bytes: 'new' }]], { '/usr/bin/sh': 'new' }],
    ['an absolute link', [[{ name: 'lib/b', bytes: 'b' }]], { '/usr/lib/b': 'b', '/usr/bin/sh': 'sh' }],
    [
      'a link that leads above the root',
      [[{ name: 'up/x', bytes: 'x' }]],
      { '/usr/bin/x': 'x', '/usr/bin/sh': 'sh' },
    ],
    ['a link to a link', [[{ name: 'far/x', bytes: 'x' }]], { '/usr/bin/x': 'x', '/usr/bin/sh': 'sh' }],
    ['a whiteout', [[{ name: 'bin/.wh.sh' }]], {}],
    [
      'a whiteout of all',
      [[{ name: 'bin/.wh..wh..opq' }, { name: 'bin/x', bytes: 'x' }]],
      { '/usr/bin/x': 'x' },
    ],
    [
      'a hard link',
      [[{ name: 'also', type: '1', target: 'bin/sh' }]],
      { '/also': 'sh', '/usr/bin/sh': 'sh' },
    ],
    [
      'a whiteout of the link, and a folder in its place',
      [[{ name: '.wh.bin' }], [{ name: 'bin/x', bytes: 'x' }]],
      { '/bin/x': 'x', '/usr/bin/sh': 'sh' },
    ],
  ]
  for (const [what, layers, expected] of throughLinks)
    it(`finds through links of the image: ${what}`, async () => {
      const { wim } = await written([base, ...layers], LINUX)
      expect(await texts(wim)).to.deep.equal({ '/usr/lib/a': 'a', ...expected })
    })

  it('hides nothing of the lowest layer itself, wherever its whiteouts are', async () => {
    const lowest: TarMember[] = [
      { name: '.wh.a' },
      { name: 'a', bytes: 'a' },
      { name: 'd/b', bytes: 'b' },
      { name: 'c', type: '1', target: 'd/b' },
      { name: 'd/.wh..wh..opq' },
      { name: 'd/.wh.b' },
      { name: '.wh.c' },
    ]
    const expected = { '/a': 'a', '/d/b': 'b', '/c': 'b' }
    for (const layers of [[lowest], [[], lowest], [lowest, []]])
      expect(await texts((await written(layers, LINUX)).wim)).to.deep.equal(expected)
    const files = lowest.map(({ name, target, ...member }) => ({
      ...member,
      name: `Files/${name}`,
      target: target && `Files/${target}`,
    }))
    expect(await texts((await written([files], WINDOWS)).wim)).to.deep.equal(expected)
  })

  it('lets go of a tree once it is laid out, as a large one takes much memory', async () => {
    const trees: [TarMember[][], FromImageOptions][] = [
      [layered, LINUX],
      [[[{ name: 'Files/d/a', bytes: 'a' }]], WINDOWS],
    ]
    for (const [layers, options] of trees) {
      const { images } = await written(layers, options)
      expect(images.map(({ root }) => root.children)).to.deep.equal([[]])
    }
  })

  it('does not read contents that no layer shows', async () => {
    const { wim } = await written([[{ name: 'a', bytes: noise(5000) }], [{ name: '.wh.a' }]], LINUX)
    expect(wim.blobs.size).to.equal(0)
  })

  it('keeps owners, modes, devices, links, times and attributes of Linux', async () => {
    const attribute = Buffer.from([0, 255, 10])
    const { wim } = await written(
      [
        [
          { name: 'setuid', bytes: 'x', mode: 0o4755, uid: 1000, gid: 1001 },
          { name: 'far', records: { uid: '4294967294', gid: '3000000', mtime: '1.5' } },
          { name: 'null', type: '3', device: [1, 3], mode: 0o666 },
          { name: 'disk', type: '4', device: [259, 70000] },
          { name: 'pipe', type: '6' },
          { name: 'up', type: '2', target: '../a/b', mode: 0o777 },
          { name: 'root', type: '2', target: '/usr/bin/x' },
          { name: 'capable', records: { 'SCHILY.xattr.security.capability': attribute } },
          { name: 'Ünïcödé 🦜' },
        ],
      ],
      LINUX,
    )
    const found = await entries(wim)
    const unix = (name: string) => found.get(name)?.unix
    expect(unix('/setuid')).to.deep.equal({ uid: 1000, gid: 1001, mode: 0o104755, rdev: 0 })
    expect(unix('/far')).to.include({ uid: 4294967294, gid: 3000000 })
    expect(found.get('/far')?.writtenAt).to.equal(116444736015000000n)
    expect(unix('/null')).to.include({ mode: 0o020666, rdev: 0x103 })
    expect(unix('/disk')).to.include({ rdev: (259 << 8) | (70000 & 0xff) | ((70000 & 0xfff00) << 12) })
    expect(unix('/pipe')?.mode).to.equal(0o010644)
    expect(unix('/up')?.mode).to.equal(0o120777)
    expect(found.get('/capable')?.extendedAttributes).to.deep.equal([
      { name: 'security.capability', flags: 0, value: attribute },
    ])
    expect(found.has('/Ünïcödé 🦜')).to.equal(true)
    // As wimlib writes the same links.
    const reparse = async (name: string) => (await content(wim, found.get(name)?.reparseSha1)).toString('hex')
    expect(await reparse('/up')).to.equal(buffer('00000c000e000c0001000000', '..\\a\\b', '..\\a\\b'))
    expect(await reparse('/root')).to.equal(
      buffer('000020002200180000000000', '\\??\\C:\\usr\\bin\\x', 'C:\\usr\\bin\\x'),
    )
  })

  it('keeps what Windows’ tools write into a layer', async () => {
    const descriptor = Buffer.from('0100048014000000', 'hex')
    const records = {
      'MSWINDOWS.fileattr': '38',
      'MSWINDOWS.rawsd': descriptor.toString('base64'),
      'LIBARCHIVE.creationtime': '1460000000.1234567',
      atime: '1460000001',
      mtime: '1460000002.5',
      'MSWINDOWS.xattr.$EA': Buffer.from('value').toString('base64'),
    }
    const { wim } = await written(
      [
        [
          { name: 'Files', type: '5', records: { 'MSWINDOWS.fileattr': '16' } },
          { name: 'Files/a.txt', bytes: 'a', records },
          { name: 'Files/a.txt:stream', bytes: 'in a stream' },
          { name: 'Files/a.txt:empty:$DATA' },
          { name: 'Files/b.txt', type: '1', target: 'Files/A.TXT', records },
          { name: 'Files/dir', type: '5' },
          { name: 'Files/dir:of a folder', bytes: 'x' },
          {
            name: 'Files/junction',
            type: '2',
            target: 'C:/target',
            records: { 'MSWINDOWS.mountpoint': '1' },
          },
          { name: 'Files/to folder', type: '2', target: 'dir', records: { 'MSWINDOWS.fileattr': '1040' } },
          { name: 'Files/Case', bytes: 'before' },
          { name: 'UtilityVM', type: '5' },
          { name: 'UtilityVM/Files/boot', bytes: 'boot' },
        ],
        [{ name: 'Files/CASE', bytes: 'after' }],
      ],
      WINDOWS,
    )
    expect(wim.images.map(({ name }) => name)).to.deep.equal(['windows', 'windows UtilityVM'])
    const found = await entries(wim)
    const file = found.get('/a.txt')
    expect(file).to.include({
      attributes: 38,
      createdAt: 116444736000000000n + 14600000001234567n,
      accessedAt: 116444736000000000n + 14600000010000000n,
      writtenAt: 116444736000000000n + 14600000025000000n,
    })
    expect(file?.securityDescriptor?.equals(descriptor)).to.equal(true)
    expect(file?.extendedAttributes).to.deep.equal([{ name: '$EA', flags: 0, value: Buffer.from('value') }])
    expect(file?.namedStreams.map(({ name }) => name)).to.deep.equal(['stream', 'empty'])
    expect((await content(wim, file?.namedStreams[0]?.sha1)).toString()).to.equal('in a stream')
    expect(found.get('/b.txt')?.linkGroup).to.equal(file?.linkGroup).and.not.equal(0n)
    expect(found.get('/dir')?.namedStreams[0]?.name).to.equal('of a folder')
    expect(found.get('/junction')).to.deep.include({ attributes: 0x410 })
    expect(found.get('/junction')?.reparsePoint?.tag).to.equal(0xa0000003)
    expect(found.get('/to folder')).to.deep.include({ attributes: 0x410 })
    expect(found.get('/to folder')?.unix).to.equal(undefined)
    expect(found.has('/Case')).to.equal(false)
    expect((await content(wim, found.get('/CASE')?.sha1)).toString()).to.equal('after')
    expect([...(await entries(wim, 2)).keys()]).to.deep.equal(['/', '/boot'])
  })

  const link: TarMember = { name: 'link', type: '2', target: '/etc' }
  const hostile: [string, TarMember[][], FromImageOptions, string][] = [
    ['a name that leads out', [[{ name: 'a/../../b' }]], LINUX, 'UNSAFE_NAME'],
    ['an absolute name of Windows', [[{ name: '/Files/a' }]], WINDOWS, 'UNSAFE_NAME'],
    ['a drive', [[{ name: 'C:/x' }]], WINDOWS, 'UNSAFE_NAME'],
    ['backslashes', [[{ name: 'Files/..\\..\\x' }]], WINDOWS, 'UNSAFE_NAME'],
    ['a whiteout that leads out', [[{ name: '../.wh.x' }]], LINUX, 'UNSAFE_NAME'],
    ['a file behind a file', [[{ name: 'a' }, { name: 'a/b' }]], LINUX, 'UNSAFE_NAME'],
    [
      'a file behind a link to a file',
      [[{ ...link, target: 'a' }, { name: 'a' }, { name: 'link/b' }]],
      LINUX,
      'UNSAFE_NAME',
    ],
    [
      'a file behind a link to itself',
      [[{ ...link, target: 'link' }], [{ name: 'link/b' }]],
      LINUX,
      'UNSAFE_NAME',
    ],
    [
      'a file behind a circle of links',
      [[{ ...link, target: 'm' }, { name: 'm', type: '2', target: '/link' }, { name: 'm/b' }]],
      LINUX,
      'UNSAFE_NAME',
    ],
    ['a hard link that leads out', [[{ name: 'a', type: '1', target: '../b' }]], LINUX, 'UNSAFE_NAME'],
    ['a hard link to nothing', [[{ name: 'a', type: '1', target: 'b' }]], LINUX, 'ARCHIVE_INVALID'],
    [
      'a hard link through a link to nothing',
      [[link, { name: 'etc/x' }, { name: 'a', type: '1', target: 'link/y' }]],
      LINUX,
      'ARCHIVE_INVALID',
    ],
    [
      'a hard link to a folder',
      [
        [
          { name: 'd', type: '5' },
          { name: 'a', type: '1', target: 'd' },
        ],
      ],
      LINUX,
      'ARCHIVE_INVALID',
    ],
    ['a file as the root', [[{ name: './', type: '2', target: '/' }]], LINUX, 'UNSAFE_NAME'],
    ['a name of a thousand folders', [[{ name: `${'a/'.repeat(1100)}b` }]], LINUX, 'UNSAFE_NAME'],
    ['a stream without its file', [[{ name: 'Files/a:b', bytes: 'x' }]], WINDOWS, 'ARCHIVE_INVALID'],
    [
      'attributes that are no number',
      [[{ name: 'Files/a', records: { 'MSWINDOWS.fileattr': '-1' } }]],
      WINDOWS,
      'ARCHIVE_INVALID',
    ],
    ['a time that is none', [[{ name: 'a', records: { mtime: '1e9' } }]], LINUX, 'ARCHIVE_INVALID'],
    ['a name of more than 255 characters', [[{ name: 'a'.repeat(256) }]], LINUX, 'ARCHIVE_UNKNOWN'],
    [
      'a stream with a name that is not UTF-8',
      [
        [
          { name: 'Files/f' },
          { name: 'Files/f:x', records: { path: Buffer.from('Files/f:\xe9', 'latin1') } },
        ],
      ],
      WINDOWS,
      'ARCHIVE_UNKNOWN',
    ],
    [
      'a link with a target that is not UTF-8',
      [[{ name: 'l', type: '2', target: 'x', records: { linkpath: Buffer.from('\xff', 'latin1') } }]],
      LINUX,
      'ARCHIVE_UNKNOWN',
    ],
    [
      'two names of a layer that are one to Windows',
      [[{ name: 'Files/É' }, { name: 'Files/é' }]],
      WINDOWS,
      'ARCHIVE_UNKNOWN',
    ],
    [
      'a folder and a file of one name to Windows',
      [[{ name: 'Files/ab', type: '5' }, { name: 'Files/AB' }]],
      WINDOWS,
      'ARCHIVE_UNKNOWN',
    ],
    ['a device for Windows', [[{ name: 'Files/a', type: '3' }]], WINDOWS, 'ARCHIVE_UNKNOWN'],
    [
      'changes of the registry',
      [[{ name: 'Files/a' }], [{ name: 'Hives/System_Delta' }]],
      WINDOWS,
      'ARCHIVE_UNKNOWN',
    ],
    ['a Windows image without Files', [[{ name: 'other/a' }]], WINDOWS, 'ARCHIVE_UNKNOWN'],
  ]
  for (const [title, layers, options, code] of hostile)
    it(`refuses ${title}`, async () => {
      const error = await written(layers, options).catch((e) => e)
      expect(error).to.have.property('code', code)
    })

  describe('leads through links of the image, and never out of it', () => {
    const D = (name: string): TarMember => ({ name, type: '5' })
    const L = (name: string, target: string): TarMember => ({ name, type: '2', target })
    const F = (name: string): TarMember => ({ name, bytes: name })
    const USR = [D('usr/'), D('usr/bin/'), F('usr/bin/sh'), F('usr/bin/secret'), L('bin', 'usr/bin')]
    const IN_USR = ['/', '/bin', '/usr', '/usr/bin']
    const OF_USR = [...IN_USR, '/usr/bin/secret', '/usr/bin/sh']

    for (const [what, layers, paths] of [
      ['a file of a later layer', [USR, [F('bin/tool')]], [...OF_USR, '/usr/bin/tool']],
      ['a file of the same layer', [[...USR, F('bin/tool')]], [...OF_USR, '/usr/bin/tool']],
      ['a file in the place of another', [USR, [F('bin/sh')]], OF_USR],
      ['a whiteout', [USR, [F('bin/.wh.secret')]], [...IN_USR, '/usr/bin/sh']],
      ['a whiteout of all', [USR, [F('bin/.wh..wh..opq')]], IN_USR],
      ['a whiteout of the link itself', [USR, [F('.wh.bin')]], OF_USR.filter((name) => name !== '/bin')],
      ['an absolute link', [[L('a', '/b/c'), F('a/x')]], ['/', '/a', '/b', '/b/c', '/b/c/x']],
      ['a link that leads out', [[L('a', '../../b'), F('a/x')]], ['/', '/a', '/b', '/b/x']],
      ['a link to a link', [[L('a', 'b'), L('b', '/c/.'), F('a/x')]], ['/', '/a', '/b', '/c', '/c/x']],
      [
        'a link within a folder',
        [[D('d/'), L('d/l', '../e'), F('d/l/x')]],
        ['/', '/d', '/d/l', '/e', '/e/x'],
      ],
      ['a hard link', [USR, [{ name: 'h', type: '1', target: 'bin/sh' }]], [...OF_USR, '/h']],
      ['a folder in the place of a link', [USR, [D('bin/'), F('bin/x')]], [...OF_USR, '/bin/x']],
      ['names that begin with a slash', [[D('/'), D('/a/'), F('/a/f'), F('a/.wh.x')]], ['/', '/a', '/a/f']],
    ] as [string, TarMember[][], string[]][])
      it(what, async () => {
        const { wim } = await written(layers, LINUX)
        expect([...(await entries(wim)).keys()].sort()).to.deep.equal([...paths].sort())
      })

    it('in Windows: relative ones, and those to its drive', async () => {
      const links = [
        L('Files/r', 'Windows\\Temp'),
        L('Files/c', 'C:\\Windows'),
        L('Files/u', '..\\..\\Windows'),
      ]
      const own = [D('Files/'), D('Files/Windows/'), D('Files/Windows/Temp/'), ...links]
      const { wim } = await written([own, [F('Files/r/1'), F('Files/C/2'), F('Files/c/temp/3')]], WINDOWS)
      expect([...(await entries(wim)).keys()].sort()).to.deep.equal(
        [
          '/',
          '/Windows',
          '/Windows/2',
          '/Windows/Temp',
          '/Windows/Temp/1',
          '/Windows/Temp/3',
          '/c',
          '/r',
          '/u',
        ].sort(),
      )
    })
  })

  it('leaves out what a WIM cannot hold where it is told to, and lists it', async () => {
    const long = 'x'.repeat(256)
    const { wim, skipped } = await written([[{ name: long }, { name: 'ok' }]], {
      ...LINUX,
      skipUnsupported: true,
    })
    expect([...(await entries(wim)).keys()]).to.deep.equal(['/', '/ok'])
    expect(skipped).to.have.length(1)
    expect(skipped[0]).to.include(long)
  })

  it('leaves out the streams of what it leaves out, and nothing beside them', async () => {
    const { wim, skipped } = await written(
      [
        [
          { name: 'Files', type: '5' },
          { name: 'Files/device', type: '3' },
          { name: 'Files/device:s', bytes: 'lost' },
          { name: 'Files/device:t', bytes: 'lost' },
          { name: 'Files/f', bytes: 'kept' },
          { name: 'Files/f:s', bytes: 'kept' },
        ],
      ],
      { ...WINDOWS, skipUnsupported: true },
    )
    const found = await entries(wim)
    expect([...found.keys()]).to.deep.equal(['/', '/f'])
    expect(found.get('/f')?.namedStreams.map(({ name }) => name)).to.deep.equal(['s'])
    expect(skipped).to.have.length(1)
  })

  it('keeps apart what Windows keeps apart, and tells of what it does not', async () => {
    const apart = [
      'straße',
      'strasse',
      'ﬁle',
      'file',
      'µ',
      'μ',
      'ς',
      'σ',
      'ı',
      'i',
      'ſ',
      's',
      '\u0390',
      '\u1fd3',
    ]
    const members = (names: string[]): TarMember[][] => [
      [
        { name: 'Files', type: '5' },
        ...names.map((name): TarMember => ({ name: `Files/${name}`, bytes: name })),
      ],
    ]
    const { wim, skipped } = await written(members(apart), WINDOWS)
    expect(Object.values(await texts(wim)).sort()).to.deep.equal([...apart].sort())
    expect(skipped).to.deep.equal([])
    const one = await written(members(['a', 'A', 'Ÿ', 'ÿ', 'σ', 'Σ']), { ...WINDOWS, skipUnsupported: true })
    expect(Object.keys(await texts(one.wim))).to.deep.equal(['/a', '/Ÿ', '/σ'])
    expect(one.skipped.map((line) => line.split(' ')[0])).to.deep.equal(['Files/A', 'Files/ÿ', 'Files/Σ'])
  })

  it('lets a later layer replace a file under another spelling of its name', async () => {
    const { wim, skipped } = await written(
      [[{ name: 'Files/Readme', bytes: 'old' }], [{ name: 'Files/README', bytes: 'new' }]],
      WINDOWS,
    )
    expect(await texts(wim)).to.deep.equal({ '/README': 'new' })
    expect(skipped).to.deep.equal([])
  })

  it('gives the names of a device or fifo one link group, and tells of further names of links', async () => {
    const { wim, skipped } = await written(
      [
        [
          { name: 'fifo', type: '6' },
          { name: 'tty', type: '3', device: [4, 1] },
          { name: 'disk', type: '4', device: [8, 0] },
          { name: 'link', type: '2', target: 'fifo' },
          ...['fifo', 'tty', 'disk', 'link'].map(
            (target): TarMember => ({ name: `${target} 2`, type: '1', target }),
          ),
          { name: 'alone', type: '6' },
        ],
      ],
      LINUX,
    )
    const found = await entries(wim)
    const groups = ['fifo', 'tty', 'disk'].map((name) => {
      const group = found.get(`/${name}`)?.linkGroup
      expect(found.get(`/${name} 2`)?.linkGroup, name).to.equal(group)
      expect(found.get(`/${name} 2`)?.unix, name).to.deep.equal(found.get(`/${name}`)?.unix)
      return group
    })
    expect(new Set([...groups, 0n]).size).to.equal(4)
    expect(found.get('/alone')?.linkGroup).to.equal(0n)
    expect(found.get('/link 2')?.reparseSha1).to.equal(found.get('/link')?.reparseSha1)
    expect(skipped).to.deep.equal(['/link 2 is another name of a link; it becomes a link of its own.'])
  })

  it('keeps backslashes in names of Linux', async () => {
    const names = ['a\\x2db', '\\', 'd\\e/f\\g']
    const { wim } = await written([names.map((name) => ({ name, bytes: name }))], LINUX)
    expect(Object.values(await texts(wim)).sort()).to.deep.equal([...names].sort())
  })

  it('tells of records that no WIM keeps, once for each kind', async () => {
    const records = { 'MSWINDOWS.sd': 'O:BAG:SYD:', 'MSWINDOWS.fileattr': '32' }
    const windows = await written(
      [
        [
          { name: 'Files/a', records },
          { name: 'Files/b', records },
        ],
      ],
      WINDOWS,
    )
    expect(windows.skipped).to.deep.equal(['2 entries have a record MSWINDOWS.sd, which no WIM keeps.'])
    const acl = { 'SCHILY.acl.access': 'user::rw-', 'SCHILY.xattr.user.a': 'b' }
    const linux = await written([[{ name: 'a', records: acl }, { name: 'b' }]], LINUX)
    expect(linux.skipped).to.deep.equal(['1 entry has a record SCHILY.acl.access, which no WIM keeps.'])
  })

  it('takes the streams of a folder with and without the slash, and sixty thousand of a file', async () => {
    const many = Array.from({ length: 60_000 }, (_, i): TarMember => ({ name: `Files/f:s${i}`, bytes: 'y' }))
    const { wim } = await written(
      [
        [
          { name: 'Files/', type: '5' },
          { name: 'Files:root', bytes: '1' },
          { name: 'Files/d/', type: '5' },
          { name: 'Files/d:s', bytes: '2' },
          { name: 'Files/e', type: '5' },
          { name: 'Files/e:t', bytes: '3' },
          { name: 'Files/f', bytes: 'x' },
          ...many,
        ],
      ],
      WINDOWS,
    )
    const found = await entries(wim)
    const streams = (name: string) => found.get(name)?.namedStreams.map((one) => one.name)
    expect([streams('/'), streams('/d'), streams('/e')]).to.deep.equal([['root'], ['s'], ['t']])
    expect(streams('/f')).to.have.length(60_000)
  })

  const named = (hex: string, more: TarMember, at = ''): TarMember => ({
    ...more,
    records: { ...more.records, path: Buffer.concat([Buffer.from(at), Buffer.from(hex, 'hex')]) },
  })

  it('keeps names with half of a character apart, with their streams, links and whiteouts', async () => {
    const { wim } = await written(
      [
        [
          named('61eda080', { name: '1', bytes: 'one' }, 'Files/'),
          named('61eda0803a73edb080', { name: '1', bytes: 'of one' }, 'Files/'),
          named('61eda081', { name: '2', bytes: 'two' }, 'Files/'),
          named('61efbfbd', { name: '3', bytes: 'three' }, 'Files/'),
          named('64eda080', { name: 'd', type: '5' }, 'Files/'),
          named('64eda0802f78', { name: 'x', bytes: 'in a folder' }, 'Files/'),
          { name: 'Files/y', type: '1', records: { linkpath: Buffer.from('Files/a\xed\xa0\x80', 'latin1') } },
        ],
        [named('2e77682e61eda081', { name: '.wh.2' }, 'Files/')],
      ],
      WINDOWS,
    )
    expect(await texts(wim)).to.deep.equal({
      '/a\ud800': 'one',
      '/a\ufffd': 'three',
      '/d\ud800/x': 'in a folder',
      '/y': 'one',
    })
    const found = await entries(wim)
    expect(found.get('/a\ud800')?.namedStreams.map(({ name }) => name)).to.deep.equal(['s\udc00'])
    expect(found.get('/y')?.linkGroup).to.equal(found.get('/a\ud800')?.linkGroup)
  })

  it('leaves out what is not UTF-8 by its own name, with further names and streams of it', async () => {
    const { wim, skipped } = await written(
      [
        [
          named('e9', { name: '1', bytes: 'one' }, 'Files/'),
          named('e93a73', { name: '1', bytes: 'of one' }, 'Files/'),
          named('e8', { name: '2', bytes: 'two' }, 'Files/'),
          named('eda0beedb69c', { name: '3', bytes: 'three' }, 'Files/'),
          { name: 'Files/🦜', bytes: 'bird' },
          { name: 'Files/link', type: '1', records: { linkpath: Buffer.from('Files/\xe9', 'latin1') } },
        ],
        [{ name: 'Files/again', type: '1', target: 'Files/link' }],
      ],
      { ...WINDOWS, skipUnsupported: true },
    )
    expect(await texts(wim)).to.deep.equal({ '/🦜': 'bird' })
    expect(skipped).to.have.length(5)
    expect(skipped.slice(3)).to.deep.equal([
      'Files/link is left out: it is a hard link to a file that is left out.',
      'Files/again is left out: it is a hard link to a file that is left out.',
    ])
  })

  it('names what Windows has no names for', async () => {
    const names = ['a:b', 'what?', 'nul.txt', 'end.', 'end ', 'x\\y', 'tab\tx', '<', '"', '|', '*', 'COM1']
    const { wim, skipped } = await written(
      [[...names, 'null', '.hidden', 'é'].map((name) => ({ name: `d/${name}`, bytes: 'x' }))],
      LINUX,
    )
    expect(Object.keys(await texts(wim))).to.have.length(names.length + 3)
    expect(skipped).to.have.length(1)
    expect(skipped[0]).to.match(
      /^12 names that Windows has not are kept, and may be lost where the WIM is applied there: /,
    )
    expect(skipped[0]).to.match(/, and 2 more\.$/)
    for (const name of ['/d/a:b', '/d/nul.txt', '/d/x\\y']) expect(skipped[0]).to.include(name)
    for (const name of ['null', 'hidden', 'é']) expect(skipped[0]).not.to.include(name)
    const plain = await written([[{ name: 'etc/passwd', bytes: 'x' }]], LINUX)
    expect(plain.skipped).to.deep.equal([])
  })

  it('refuses a layer that is cut short, and one that gives other bytes the second time', async () => {
    const whole = gzipSync(tar({ name: 'a', bytes: noise(200_000) }))
    const cut = [{ label: 'cut', compression: 'gzip' as const, open: () => once(whole.subarray(0, 100_000)) }]
    expect(await imageFromLayers(cut, LINUX).catch((e) => e)).to.have.property('code', 'ARCHIVE_INVALID')
    let passes = 0
    const changing = () => once(++passes === 1 ? whole : gzipSync(tar({ name: 'a', bytes: 'short' })))
    const { images, close } = await imageFromLayers(
      [{ label: 'x', compression: 'gzip', open: changing }],
      LINUX,
    )
    const file = path.join(folders.folder(), 'x.wim')
    const error = await writeWim(file, images, { compression: 'none' }).catch((e) => e)
    await close()
    expect(error).to.have.property('code', 'ARCHIVE_INVALID')
  })
})

async function* once(bytes: Buffer) {
  yield bytes
}

/** A symlink's buffer: its numbers, then its two names with their NULs, as hex digits. */
function buffer(head: string, substitute: string, print: string): string {
  return head + Buffer.from(`${substitute}\0${print}\0`, 'utf16le').toString('hex')
}
