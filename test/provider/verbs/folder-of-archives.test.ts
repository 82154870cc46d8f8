import { copyFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { get, install, type ProgressEvent, save, verify } from '../../../provider/index.js'
import { makeLayout } from '../../fixtures/layout.js'
import { scratch } from '../../scratch.js'
import { failure } from './failure.js'

describe('a folder of several archives', () => {
  const temporary = scratch()
  let folder: string
  let stick: string
  let store: string

  beforeEach(() => {
    folder = temporary.folder()
    stick = path.join(folder, 'stick')
    store = path.join(folder, 'store')
    mkdirSync(stick)
  })
  afterEach(() => temporary.remove())

  function image(name: string, size = 1000): string {
    const layout = path.join(folder, name)
    makeLayout(layout, [
      { refName: `${name}:1.0`, layers: [{ files: { [name]: size }, compression: 'none' }] },
    ])
    return layout
  }

  /** Archives in three formats, and a layout. */
  async function fill(): Promise<void> {
    await save({ names: [image('a')], path: stick })
    await save({ names: [image('b')], path: path.join(stick, 'b.zip') })
    await save({ names: [image('c')], path: path.join(stick, 'c.tar'), format: 'docker-archive' })
    makeLayout(path.join(stick, 'd'), [{ refName: 'd:1.0', layers: [{ files: { d: 'd' } }] }])
  }

  async function installed(...targets: string[]): Promise<string[]> {
    await install({ targets, store, noLatest: true })
    return (await get({ store })).map(({ repository, tag }) => `${repository}:${tag}`).sort()
  }

  it('installs and verifies as its archives would, one after the other', async () => {
    await fill()
    const { ok, blobs, problems } = await verify({ paths: [stick] })
    expect(problems).to.deep.equal([])
    expect(ok).to.equal(true)
    expect(blobs).to.be.at.least(10)
    expect(await installed(stick)).to.deep.equal(['a:1.0', 'b:1.0', 'c:1.0', 'd:1.0'])
  })

  it('is saved again, whole', async () => {
    await fill()
    const all = path.join(folder, 'all.tar')
    const { images } = await save({ names: [stick], path: all })
    expect(images.map(({ name }) => name).sort()).to.deep.equal(['a', 'b', 'c', 'd'])
    expect(await installed(all)).to.have.length(4)
  })

  it('is told of by the name of the archive that is damaged', async () => {
    await fill()
    const [first = ''] = readdirSync(stick)
    const file = path.join(stick, first)
    const bytes = readFileSync(file)
    const at = bytes.length - 3000
    bytes[at] = (bytes[at] ?? 0) ^ 0xff
    writeFileSync(file, bytes)
    const { problems } = await verify({ paths: [stick] })
    expect(problems.map((problem) => JSON.stringify(problem)).join()).to.contain('sha256')
    await failure(installed(stick), 'DIGEST_MISMATCH')
    expect(await get({ store })).to.deep.equal([])
    truncateSync(file, 0)
    const cut = await verify({ paths: [stick] })
    expect(cut.problems.map((problem) => problem.path)).to.deep.equal([file])
  })

  it('may hold what is not an image: Node, another archive', async () => {
    await fill()
    writeFileSync(path.join(stick, 'node-v20.20.2-linux-x64.tar.xz'), 'not looked into')
    expect((await verify({ paths: [stick] })).problems).to.deep.equal([])
    writeFileSync(
      path.join(stick, 'drivers.zip'),
      Buffer.from('504b0506000000000000000000000000000000000000', 'hex'),
    )
    const notes: string[] = []
    const onProgress = (event: ProgressEvent): void => {
      if (event.type === 'note') notes.push(event.message)
    }
    const { images } = await install({ targets: [stick], store, onProgress })
    expect(images).to.have.length(4)
    expect(notes.filter((note) => note.includes('is left out'))).to.have.length(1)
    expect(notes.join()).to.contain('drivers.zip is left out')
  })

  it('may hold a set of volumes besides, which is one archive', async () => {
    await fill()
    await save({ names: [image('large', 3_000_000)], path: stick, volumeSize: 1_500_000 })
    expect(readdirSync(stick).filter((name) => /vol\dof/.test(name)).length).to.be.greaterThan(2)
    expect((await verify({ paths: [stick] })).problems).to.deep.equal([])
    expect(await installed(stick)).to.deep.equal(['a:1.0', 'b:1.0', 'c:1.0', 'd:1.0', 'large:1.0'])
  })

  it('holds two images for one name: none of them is installed', async () => {
    await save({ names: [image('a')], path: stick })
    makeLayout(path.join(stick, 'other'), [{ refName: 'a:1.0', layers: [{ files: { a: 'another' } }] }])
    await failure(installed(stick), 'AMBIGUOUS_NAME')
    expect(await get({ store })).to.deep.equal([])
  })

  it('may hold one image twice', async () => {
    await save({ names: [image('a')], path: stick })
    copyFileSync(path.join(stick, readdirSync(stick)[0] ?? ''), path.join(stick, 'copy.tar'))
    expect(await installed(stick)).to.deep.equal(['a:1.0'])
  })

  it('is what the error is about where none of them holds an image', async () => {
    for (const name of ['a.tar', 'b.tar.gz', 'c.wim']) writeFileSync(path.join(stick, name), 'x')
    const error = await failure(installed(stick), 'ARCHIVE_UNKNOWN')
    expect(error.message).to.contain('holds no image itself, but archives')
    expect((await verify({ paths: [stick] })).problems).to.have.length(1)
  })
})
