import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import {
  openWim,
  readBlobs,
  readTree,
  verifyWim,
  type WimEntry,
  walkTree,
} from '../../../../../provider/formats/wim/index.js'
import {
  type WimSourceEntry,
  type WimSourceImage,
  type WriteWimOptions,
  writeWim,
} from '../../../../../provider/formats/wim/write/index.js'
import { describeWithPeers } from '../../../../peers/peers.js'
import { scratch } from '../../../../scratch.js'
import { listTree, makeTree, noise, type SourceFile } from '../source-tree.js'
import { wimlib, wimlibDir } from '../wimlib.js'
import { diskTree } from './disk-tree.js'
import { expectSameTree, fullTree } from './full-tree.js'

const SEVEN_ZIP = ['7zz', '7z'].find((name) => spawnSync(name, ['i']).status === 0)

const FORMS: [string, WriteWimOptions][] = [
  ['not compressed', { compression: 'none' }],
  ['XPRESS', { compression: 'xpress' }],
  ['XPRESS, chunks of 4096', { compression: 'xpress', chunkSize: 4096 }],
  ['XPRESS, chunks of 65536', { compression: 'xpress', chunkSize: 65536 }],
  ['LZX', { compression: 'lzx' }],
  ['LZX, chunks of 65536', { compression: 'lzx', chunkSize: 65536 }],
  ['LZX, chunks of 2097152', { compression: 'lzx', chunkSize: 2097152 }],
  ['with an integrity table', { compression: 'xpress', integrity: true }],
]

describeWithPeers(['wimlib-imagex'], 'writing WIM files', () => {
  const folders = scratch()
  let folder = ''
  let tree = ''
  let source: Map<string, SourceFile>

  before(async () => {
    folder = folders.folder()
    tree = path.join(folder, 'tree')
    await makeTree(tree, { system: 1 << 20, program: 3 << 20 })
    source = await listTree(tree)
  })
  after(() => folders.remove())

  const image = (name = 'one'): WimSourceImage => ({ name, root: diskTree(tree) })

  for (const [title, options] of FORMS)
    it(`gives a file that others read: ${title}`, async () => {
      const file = path.join(folder, 'form.wim')
      await writeWim(file, [image()], options)
      wimlib('verify', file)
      await expectApplied([file], 1, folder, source)
      if (SEVEN_ZIP) expect(spawnSync(SEVEN_ZIP, ['t', file]).status).to.equal(0)
      const wim = await openWim(file)
      const report = await verifyWim(wim)
      await wim.close()
      expect(report.problems).to.deep.equal([])
      expect(report.integrityTables).to.equal(options.integrity ? 1 : 0)
    })

  it('stores equal contents once, large ones too', async () => {
    const file = path.join(folder, 'twins.wim')
    const large = path.join(tree, 'bin/program')
    const size = readFileSync(large).length
    const twin = (name: string): WimSourceEntry => ({
      ...{ name, attributes: 0x80, createdAt: 1n, accessedAt: 1n, writtenAt: 1n },
      content: { size, range: { path: large, offset: 0, size } },
    })
    const streamed = (name: string): WimSourceEntry => ({
      ...twin(name),
      content: { size, open: () => pieces(readFileSync(large)) },
    })
    const root = {
      ...{ name: '', attributes: 0x10, createdAt: 1n, accessedAt: 1n, writtenAt: 1n },
      children: [twin('a'), streamed('b'), twin('c'), streamed('d')],
    }
    const wrote = await writeWim(file, [{ name: 'twins', root }], { compression: 'none' })
    expect(wrote).to.include({ blobs: 1, blobBytes: size })
    expect(wrote.bytes).to.be.lessThan(size + 5000)
    wimlib('verify', file)
  })

  it('gives the same bytes each time', async () => {
    const files = ['first', 'second'].map((name) => path.join(folder, `${name}.wim`))
    const root = diskTree(tree)
    for (const file of files)
      await writeWim(file, [{ name: 'one', root }], { compression: 'xpress', integrity: true })
    const [first, second] = files.map((file) => readFileSync(file))
    expect(first?.equals(second ?? Buffer.alloc(0))).to.equal(true)
  })

  it('writes several images with what is known of them', async () => {
    const file = path.join(folder, 'several.wim')
    const info = {
      flags: 'ServerNano',
      displayName: 'Nano <&> "é"',
      createdAt: 131000000000000000n,
      modifiedAt: 131000000000000001n,
      windows: {
        architecture: 'amd64',
        productName: 'Product',
        editionId: 'ServerDatacenterNano',
        installationType: 'Nano Server',
        languages: ['en-US', 'de-DE'],
        defaultLanguage: 'en-US',
        version: '10.0.14300.1010',
        servicePackLevel: 0,
        systemRoot: 'WINDOWS',
      },
    }
    const images = [
      { ...image('NanoServer'), description: 'the container', info },
      { name: 'UtilityVM', root: fullTree() },
    ]
    await writeWim(file, images, { compression: 'lzx' })
    wimlib('verify', file)
    await expectApplied([file], 1, folder, source)
    const wim = await openWim(file)
    const { directories, files, totalBytes, hardLinkBytes, ...read } = wim.images[0] ?? { index: 0 }
    await wim.close()
    expect(read).to.deep.equal({ index: 1, name: 'NanoServer', description: 'the container', ...info })
    const listed = [...source.values()].slice(1)
    expect(directories).to.equal(listed.filter((one) => one.directory).length)
    expect(files).to.equal(listed.filter((one) => !one.directory).length)
    const noiseSize = 300_000
    expect(hardLinkBytes).to.equal(2 * noiseSize)
    const links = listed.filter((one) => one.target !== undefined)
    const bytes = listed.reduce((sum, one) => sum + one.size, 0)
    expect(totalBytes)
      .to.be.greaterThan(bytes)
      .and.lessThan(bytes + 200 * links.length)
    const text = wimlib('info', file, '1')
    expect(text).to.match(/^Architecture: +x86_64$/m)
    expect(text).to.match(/^Build: +14300$/m)
    expect(text).to.match(/^Languages: +en-US de-DE/m)
  })

  it('keeps every kind of metadata', async () => {
    const file = path.join(folder, 'full.wim')
    const root = fullTree()
    await writeWim(file, [{ name: 'full', root }], { compression: 'xpress' })
    wimlib('verify', file)
    const wim = await openWim(file)
    await expectSameTree(wim, 1, root)
    await wim.close()
    const theirs = wimlibDir(file, 1)
    const rich = theirs.get('/rich.txt')
    expect(rich).to.deep.include({ shortName: 'RICH~1.TXT', attributes: 0x26 })
    expect(rich?.streams.map(({ kind, name, size }) => [kind, name, size])).to.deep.equal([
      ['data', '', 5],
      ['named', 'empty', 0],
      ['named', 'stream', 6],
    ])
    expect(rich?.securityDescriptor).to.equal('0100048000')
    expect(theirs.get('/junction')?.reparseTag).to.equal(0xa0000003)
  })

  it('splits into parts that others put together, with no blob in two of them', async () => {
    const target = path.join(folder, 'split.swm')
    const wrote = await writeWim(target, [image()], { compression: 'xpress', splitSize: 300_000 })
    expect(wrote.files.length).to.be.greaterThan(3)
    expect(wrote.files.slice(0, 2)).to.deep.equal([target, path.join(folder, 'split2.swm')])
    const refs = path.join(folder, 'split*.swm')
    wimlib('verify', target, `--ref=${refs}`)
    await expectApplied([target, `--ref=${refs}`], 1, folder, source)
    const wim = await openWim(target)
    const sizes = wim.parts.map((part) => part.size)
    const largest = Math.max(...[...wim.blobs.values()].map(({ resource }) => resource.size))
    const report = await verifyWim(wim)
    await wim.close()
    expect(report.problems).to.deep.equal([])
    for (const size of sizes) expect(size).to.be.lessThan(Math.max(300_000, largest + 5000))
  })

  it('leaves nothing behind where a content cannot be read or the run is stopped', async () => {
    const where = path.join(folder, 'broken')
    await mkdir(where)
    const file = path.join(where, 'x.wim')
    const root = diskTree(tree)
    const [size, missing] = [9 << 20, path.join(folder, 'not there')]
    const broken = (content: WimSourceEntry['content'] & object): WimSourceImage => ({
      name: 'x',
      root: { ...root, children: [...(root.children ?? []), { ...leaf('zz'), content }] },
    })
    const fails = async (made: WimSourceImage, options: Partial<WriteWimOptions>, code: string) => {
      const error = await writeWim(file, [made], { compression: 'xpress', ...options }).catch((e) => e)
      expect(error).to.have.property('code', code)
      expect(readdirSync(where)).to.deep.equal([])
    }
    await fails(broken({ size, range: { path: missing, offset: 0, size } }), {}, 'PATH_NOT_FOUND')
    const short = { path: path.join(tree, 'bin/noise'), offset: 0, size }
    await fails(broken({ size, range: short }), {}, 'ARCHIVE_INVALID')
    await fails(broken({ size: 10, range: { ...short, offset: 299_995 } }), {}, 'ARCHIVE_INVALID')
    await fails(broken({ size: 10, open: () => pieces(Buffer.alloc(9)) }), {}, 'SIZE_MISMATCH')
    await fails(broken({ size: 10, open: () => pieces(Buffer.alloc(11)) }), {}, 'SIZE_MISMATCH')
    await fails(broken({ size, open: () => pieces(Buffer.alloc(size + 1)) }), {}, 'SIZE_MISMATCH')
    const stop = new AbortController()
    const onProgress = () => stop.abort()
    await fails({ name: 'x', root }, { signal: stop.signal, onProgress }, 'INTERRUPTED')
  })

  it('refuses names and trees that no WIM can hold', async () => {
    const file = path.join(folder, 'refused.wim')
    const refused = async (children: WimSourceEntry[], code: string) => {
      const root = { ...leaf(''), attributes: 0x10, children }
      const error = await writeWim(file, [{ name: 'x', root }], { compression: 'none' }).catch((e) => e)
      expect(error).to.have.property('code', code)
      expect(existsSync(file)).to.equal(false)
    }
    for (const name of ['', '.', '..', 'a/b', 'a\\b', 'a\0b']) await refused([leaf(name)], 'UNSAFE_NAME')
    await refused([{ ...leaf('a'), namedStreams: [{ name: 'b:c' }] }], 'UNSAFE_NAME')
    await refused([leaf('a'), leaf('a')], 'CANNOT_MAKE')
    await refused([{ ...leaf('a'), children: [] }], 'CANNOT_MAKE')
    await refused([{ ...leaf('a'), namedStreams: [{ name: 'b' }, { name: 'B' }] }], 'CANNOT_MAKE')
  })
})

describe('the form of what is written', () => {
  const folders = scratch()
  after(() => folders.remove())

  it('stores as it is what does not become smaller, whatever its size', async () => {
    const file = path.join(folders.folder(), 'noise.wim')
    const children = [100, 32768, 1 << 20, 3_000_001].map((size) => ({
      ...leaf(`${size}`),
      content: { size, open: () => pieces(noise(size)) },
    }))
    const root = { ...leaf(''), attributes: 0x10, children }
    await writeWim(file, [{ name: 'noise', root }], { compression: 'xpress' })
    const wim = await openWim(file)
    expect([...wim.blobs.values()].map(({ resource }) => resource.form)).to.deep.equal(
      Array.from({ length: 4 }, () => 'plain'),
    )
    const { root: read } = await readTree(wim, 1)
    for (const entry of walkTree(read))
      expect((await contentOf(entry)).equals(noise(Number(entry.name))), entry.name).to.equal(true)
    await wim.close()

    async function contentOf(entry: WimEntry): Promise<Buffer> {
      const blob = wim.blobs.get(entry.sha1 ?? '')
      const found: Buffer[] = []
      if (blob)
        for await (const { bytes } of readBlobs([blob], { workers: 0 })) found.push(Buffer.from(bytes))
      return Buffer.concat(found)
    }
  })
})

function leaf(name: string): WimSourceEntry {
  return { name, attributes: 0x80, createdAt: 1n, accessedAt: 1n, writtenAt: 1n }
}

async function* pieces(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += 70_000) yield bytes.subarray(at, at + 70_000)
}

/** Lets wimlib lay the image out and compares it with where it came from. */
async function expectApplied(
  wim: string[],
  index: number,
  folder: string,
  source: Map<string, SourceFile>,
): Promise<void> {
  const target = path.join(folder, 'applied')
  spawnSync('rm', ['-rf', target])
  const [file = '', ...refs] = wim
  wimlib('apply', file, String(index), target, ...refs)
  const found = await listTree(target)
  expect([...found.keys()].sort()).to.deep.equal([...source.keys()].sort())
  for (const [name, one] of source) {
    const { writtenAt: _, ...before } = one
    const { writtenAt: __, ...now } = found.get(name) as SourceFile
    expect(now, name).to.deep.equal(before)
    if (!one.target) expect(found.get(name)?.writtenAt, name).to.equal(one.writtenAt)
  }
}
