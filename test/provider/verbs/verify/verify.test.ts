import {
  appendFileSync,
  chmodSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { blobPath, type Descriptor } from '../../../../manifests/index.js'
import { install, save, verify } from '../../../../provider/index.js'
import { addBlob, makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../failure.js'
import { blobBytes, blobsIn } from '../on-disk.js'

describe('verify', () => {
  const temporary = scratch()
  let folder: string
  let root: Descriptor
  let config: Descriptor
  let layer: Descriptor

  beforeEach(() => {
    folder = path.join(temporary.folder(), 'layout')
    const layers = [{ files: { a: 20_000 }, compression: 'none' as const }]
    ;[root] = makeLayout(folder, [{ refName: 'debian:12.5', layers }]) as [Descriptor]
    const manifest = JSON.parse(readFileSync(fileOf(root), 'utf8'))
    config = manifest.config
    layer = manifest.layers[0]
  })
  afterEach(() => temporary.remove())

  function fileOf({ digest }: Descriptor): string {
    return path.join(folder, blobPath(digest))
  }

  function flip(file: string, at: number): void {
    const bytes = readFileSync(file)
    bytes[at] = (bytes[at] ?? 0) ^ 1
    writeFileSync(file, bytes)
  }

  /** The problems as code and digest. */
  async function problems(...paths: string[]): Promise<string[]> {
    const result = await verify({ paths: paths.length > 0 ? paths : [folder] })
    expect(result.ok).to.equal(result.problems.length === 0)
    return result.problems.map((problem) => `${problem.code} ${problem.digest ?? problem.path}`)
  }

  it('counts what it has read of a layout that is whole', async () => {
    expect(await verify({ paths: [folder] })).to.deep.equal({
      ok: true,
      blobs: 3,
      bytes: blobBytes(folder),
      problems: [],
    })
  })

  it('names a blob that is missing', async () => {
    rmSync(fileOf(layer))
    expect(await problems()).to.deep.equal([`BLOB_MISSING ${layer.digest}`])
  })

  it('names a manifest that is missing, once', async () => {
    rmSync(fileOf(root))
    expect(await problems()).to.deep.equal([`BLOB_MISSING ${root.digest}`])
  })

  it('names a layer, a config and a manifest of which one bit is another', async () => {
    flip(fileOf(layer), 10_000)
    expect(await problems()).to.deep.equal([`DIGEST_MISMATCH ${layer.digest}`])
    flip(fileOf(layer), 10_000)
    flip(fileOf(root), 20)
    expect(await problems()).to.deep.equal([`DIGEST_MISMATCH ${root.digest}`])
    flip(fileOf(root), 20)
    flip(fileOf(config), 20)
    expect((await problems()).some((problem) => problem.includes(config.digest))).to.equal(true)
  })

  it('names a blob that is too long or too short, with both sizes', async () => {
    appendFileSync(fileOf(layer), 'x')
    const long = await verify({ paths: [folder] })
    expect(long.problems[0]).to.deep.include({ code: 'SIZE_MISMATCH', digest: layer.digest })
    expect(long.problems[0]?.expected).to.contain(String(layer.size))
    expect(long.problems[0]?.found).to.contain(String(layer.size + 1))
    truncateSync(fileOf(layer), 100)
    expect(await problems()).to.deep.equal([`SIZE_MISMATCH ${layer.digest}`])
  })

  it('passes over files among the blobs that are none, as install does', async () => {
    writeFileSync(path.join(folder, 'blobs', 'sha256', 'readme.txt'), 'hello')
    expect(await problems()).to.deep.equal([])
  })

  it('reads blobs that nothing names, too', async () => {
    const stray = addBlob(folder, 'text/plain', Buffer.from('stray'))
    expect(await problems()).to.deep.equal([])
    flip(fileOf(stray), 0)
    expect(await problems()).to.deep.equal([`DIGEST_MISMATCH ${stray.digest}`])
  })

  it('tells all that is wrong, in all places that are named', async () => {
    const other = path.join(temporary.folder(), 'other')
    makeLayout(other, [{ refName: 'other:1', layers: [{ files: { b: 'b' } }] }])
    rmSync(fileOf(layer))
    const [config] = readdirSync(path.join(other, 'blobs', 'sha256'))
    rmSync(path.join(other, 'blobs', 'sha256', config ?? ''))
    const found = await problems(folder, other)
    expect(found).to.deep.equal([`BLOB_MISSING ${layer.digest}`, `BLOB_MISSING sha256:${config}`])
  })

  it('counts together what it has read in all places that are named', async () => {
    const others = ['one', 'two'].map((name) => path.join(temporary.folder(), name))
    for (const other of others)
      makeLayout(other, [{ refName: 'other:1', layers: [{ files: { b: other } }, { files: { c: 5000 } }] }])
    const all = [folder, ...others]
    expect(await verify({ paths: all })).to.deep.equal({
      ok: true,
      blobs: 3 + 4 + 4,
      bytes: all.reduce((sum, one) => sum + blobBytes(one), 0),
      problems: [],
    })
  })

  it('finds a flipped bit anywhere in the layer of an archive', async () => {
    const archive = path.join(temporary.folder(), 'debian.tar')
    await save({ names: [folder], path: archive })
    expect(await problems(archive)).to.deep.equal([])
    const start = readFileSync(archive).lastIndexOf(`${blobPath(layer.digest)}\0`) + 512
    flip(archive, start + 15_000)
    expect(await problems(archive)).to.deep.equal([`DIGEST_MISMATCH ${layer.digest}`])
  })

  it('reports an archive that is cut short', async () => {
    const archive = path.join(temporary.folder(), 'debian.tar')
    await save({ names: [folder], path: archive })
    truncateSync(archive, statSync(archive).size - 8000)
    expect((await problems(archive)).map((problem) => problem.split(' ')[0])).to.deep.equal([
      'ARCHIVE_INVALID',
    ])
  })

  it('checks the store where no path is named', async () => {
    const store = path.join(temporary.folder(), 'store')
    expect(await verify({ store })).to.deep.equal({ ok: true, blobs: 0, bytes: 0, problems: [] })
    await install({ targets: [folder], store })
    expect(await verify({ store })).to.deep.include({ ok: true, blobs: blobsIn(store).length })
    chmodSync(path.join(store, blobPath(layer.digest)), 0o644)
    flip(path.join(store, blobPath(layer.digest)), 5000)
    const { problems: found } = await verify({ store })
    expect(found.map(({ code, digest }) => ({ code, digest }))).to.deep.equal([
      { code: 'DIGEST_MISMATCH', digest: layer.digest },
    ])
  })

  it('says of a path that is not there', async () => {
    await failure(verify({ paths: [path.join(folder, 'nothing')] }), 'PATH_NOT_FOUND')
  })
})
