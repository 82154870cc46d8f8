import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { install, save, verify } from '../../../../provider/index.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { describeWithPeers, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'
import { filesIn } from '../../verbs/on-disk.js'

describe('ten volumes with 20 % recovery, one deleted and one with a flipped megabyte', () => {
  const temporary = scratch()
  let layout: string
  let undisturbed: Record<string, string>
  let original: string
  let stick: string
  let store: string

  before(async () => {
    const folder = temporary.folder()
    layout = path.join(folder, 'layout')
    original = path.join(folder, 'original')
    mkdirSync(original)
    makeLayout(layout, [
      { refName: 'base:1.0', layers: [{ files: { size: 23_000_000 }, compression: 'none' }] },
    ])
    const { files } = await save({ names: [layout], path: original, volumeSize: 2_500_000, recovery: 0.2 })
    undisturbed = filesIn(original)
    expect(files.map((file) => path.basename(file.path)).sort()).to.deep.equal(Object.keys(undisturbed))
    expect(volumesOf(original)).to.have.length(10)
  })
  beforeEach(() => {
    const folder = temporary.folder()
    stick = path.join(folder, 'stick')
    store = path.join(folder, 'store')
    mkdirSync(stick)
    for (const name of Object.keys(undisturbed))
      writeFileSync(path.join(stick, name), readFileSync(path.join(original, name)))
    const [, , third = '', , , , seventh = ''] = volumesOf(stick)
    rmSync(third)
    const bytes = readFileSync(seventh)
    for (let at = 700_000; at < 1_700_000; at++) bytes[at] = (bytes[at] ?? 0) ^ 0xff
    writeFileSync(seventh, bytes)
  })
  after(() => temporary.remove())

  function volumesOf(folder: string): string[] {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.tar'))
      .sort()
      .map((name) => path.join(folder, name))
  }

  function withoutRecovery(): void {
    for (const name of readdirSync(stick)) if (name.endsWith('.par2')) rmSync(path.join(stick, name))
  }

  it('are repaired and installed at once, and the stick stays as it is', async () => {
    const before = filesIn(stick)
    const notes: string[] = []
    const onProgress = (event: { type: string; message?: string }): void => {
      if (event.type === 'note') notes.push(event.message ?? '')
    }
    const { images } = await install({ targets: [stick], store, onProgress })
    expect(images.map((image) => image.tags)).to.deep.equal([['base:1.0', 'base:latest']])
    expect((await verify({ store })).problems).to.deep.equal([])
    expect(filesIn(stick)).to.deep.equal(before)
    expect(readdirSync(path.join(store, 'ingest'))).to.deep.equal([])
    expect(notes.join('\n')).to.contain(
      'Repaired with recovery files: base-1-0.vol03of10.tar, base-1-0.vol07of10.tar.',
    )
  })

  it('are repaired on the stick by verify, which keeps what was damaged', async () => {
    const before = await verify({ paths: [stick] })
    expect(
      before.problems.map((problem) => `${problem.code} ${path.basename(problem.path ?? '')}`),
    ).to.have.members(['VOLUME_DAMAGED base-1-0.vol07of10.tar', 'VOLUME_MISSING base-1-0.vol03of10.tar'])
    const { ok, repaired } = await verify({ paths: [stick], repair: true })
    expect(ok).to.equal(true)
    expect(repaired?.map((file) => path.basename(file))).to.have.members([
      'base-1-0.vol03of10.tar',
      'base-1-0.vol07of10.tar',
    ])
    const { 'base-1-0.vol07of10.tar.damaged': kept, ...others } = filesIn(stick)
    expect(kept).to.be.a('string')
    expect(others).to.deep.equal(undisturbed)
  })

  it('are named, both, without recovery files, and each is made alone', async () => {
    withoutRecovery()
    const error = await failure(install({ targets: [stick], store }), 'VOLUME_MISSING')
    expect(error.message).to.contain('base-1-0.vol03of10.tar').and.to.contain('base-1-0.vol07of10.tar')
    expect(error.details?.volumes).to.deep.equal([3, 7])
    const again = { names: [layout], path: stick, volumeSize: 2_500_000, force: true }
    for (const onlyVolume of [3, 7]) await save({ ...again, onlyVolume })
    await install({ targets: [stick], store })
    expect((await verify({ store })).problems).to.deep.equal([])
  })

  it('are told when the recovery files are too few, and nothing is changed', async () => {
    rmSync(volumesOf(stick)[0] ?? '')
    rmSync(volumesOf(stick)[1] ?? '')
    const before = filesIn(stick)
    const { ok, problems } = await verify({ paths: [stick], repair: true })
    expect(ok).to.equal(false)
    expect(problems.map((problem) => problem.code)).to.include('RECOVERY_INSUFFICIENT')
    expect(filesIn(stick)).to.deep.equal(before)
    await failure(install({ targets: [stick], store }), 'VOLUME_MISSING')
  })

  it('are not repaired with the recovery files of another set', async () => {
    withoutRecovery()
    const other = path.join(temporary.folder(), 'layout')
    const made = temporary.folder()
    makeLayout(other, [
      { refName: 'base:1.0', layers: [{ files: { size: 20_000_000 }, compression: 'none' }] },
    ])
    await save({ names: [other], path: made, volumeSize: 2_500_000, recovery: 0.5 })
    for (const name of readdirSync(made))
      if (name.endsWith('.par2')) writeFileSync(path.join(stick, name), readFileSync(path.join(made, name)))
    await failure(install({ targets: [stick], store }), 'VOLUME_MISSING')
    expect(filesIn(path.join(store, 'blobs'))).to.deep.equal({})
  })

  it('keep their recovery files when they are saved again', async () => {
    await save({ names: [layout], path: original, volumeSize: 2_500_000, recovery: 0.2 })
    expect(filesIn(original)).to.deep.equal(undisturbed)
  })

  it('cannot have any for a media, or for one volume alone', async () => {
    await failure(save({ names: [layout], path: stick, format: 'media', recovery: 0.1 }), 'USAGE')
    const alone = { names: [layout], path: stick, volumeSize: 2_500_000, onlyVolume: 1, recovery: 0.1 }
    await failure(save(alone), 'USAGE')
  })

  describeWithPeers(['par2'], 'with par2', () => {
    it('are repaired to the same bytes', () => {
      runPeer('par2', ['repair', path.join(stick, 'base-1-0.par2')])
      const found = filesIn(stick)
      for (const [name, digest] of Object.entries(undisturbed)) expect(found[name], name).to.equal(digest)
    })
  })
})
