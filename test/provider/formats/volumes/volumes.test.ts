import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { parseVolumeList } from '../../../../manifests/index.js'
import {
  type ContainerImageError,
  find,
  get,
  type InstallRequest,
  install,
  type ProgressEvent,
  type SaveRequest,
  type SaveResult,
  save,
  verify,
} from '../../../../provider/index.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { describeWithPeers, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { exitCode, failure } from '../../verbs/failure.js'
import { blobsIn, filesIn } from '../../verbs/on-disk.js'

const VOLUME_SIZE = 2_000_000

describe('volumes', () => {
  const temporary = scratch()
  let layout: string
  let stick: string
  let store: string

  before(() => {
    layout = path.join(temporary.folder(), 'layout')
    makeLayout(layout, [
      {
        refName: 'base:1.0',
        // The first is cut, the others are not.
        layers: [5_000_000, 1_500_000, 800_000].map((size) => ({ files: { size }, compression: 'none' })),
      },
    ])
  })
  beforeEach(() => {
    const folder = temporary.folder()
    stick = path.join(folder, 'stick')
    store = path.join(folder, 'store')
    mkdirSync(stick)
  })
  after(() => temporary.remove())

  async function cut(options: Partial<SaveRequest> = {}): Promise<SaveResult> {
    return await save({ names: [layout], path: stick, volumeSize: VOLUME_SIZE, ...options })
  }

  async function installed(...targets: string[]) {
    return await install({ targets, store })
  }

  function volumes(folder = stick): string[] {
    return readdirSync(folder)
      .sort()
      .map((name) => path.join(folder, name))
  }

  async function expectWhole(): Promise<void> {
    expect((await verify({ store })).problems).to.deep.equal([])
    expect(blobsIn(store).sort()).to.deep.equal(blobsIn(layout).sort())
    expect(readdirSync(path.join(store, 'ingest'))).to.deep.equal([])
  }

  function damage(file: string, at = 1_000_000): void {
    const bytes = readFileSync(file)
    bytes[at] = (bytes[at] ?? 0) ^ 0xff
    writeFileSync(file, bytes)
  }

  it('are files of at most the size, with numbers in their names', async () => {
    const { files } = await cut()
    expect(files.map((file) => path.basename(file.path))).to.deep.equal(
      [1, 2, 3, 4].map((number) => `base-1-0.vol${number}of4.tar`),
    )
    for (const file of files) {
      expect(statSync(file.path).size).to.equal(file.size).and.to.be.at.most(VOLUME_SIZE)
      expect(file.sha256).to.equal(filesIn(stick)[path.basename(file.path)]?.slice(7))
    }
    expect(Object.keys(filesIn(stick))).to.have.length(4)
  })

  it('say each of the whole set what is where, and cut no blob that fits', async () => {
    await cut()
    const lists = volumes().map((file) => parseVolumeList(readFileSync(file).subarray(512, 512 + 4096)))
    expect(lists.map((list) => list.number)).to.deep.equal([1, 2, 3, 4])
    expect(new Set(lists.map((list) => list.set)).size).to.equal(1)
    const pieces = lists[0]?.blobs.map((blob) => blob.pieces.length)
    expect(pieces).to.deep.equal([3, 1, 1])
    expect(lists[2]?.images).to.deep.equal(lists[0]?.images)
    expect(lists[0]?.images.map((image) => `${image.name} ${image.version}`)).to.deep.equal(['base 1.0'])
  })

  it('have the same bytes after every save, alone as well', async () => {
    await cut()
    const before = filesIn(stick)
    const lost = volumes()[1] ?? ''
    rmSync(lost)
    const { files } = await cut({ onlyVolume: 2 })
    expect(files.map((file) => file.path)).to.deep.equal([lost])
    expect(filesIn(stick)).to.deep.equal(before)
    const again = await cut()
    expect(again.fetchedBytes).to.be.lessThan(10_000)
    expect(filesIn(stick)).to.deep.equal(before)
  })

  it('are installed from one folder, which stays as it is', async () => {
    await cut()
    const before = filesIn(stick)
    await installed(stick)
    await expectWhole()
    expect(filesIn(stick)).to.deep.equal(before)
  })

  it('are installed from several folders, by folder or by file', async () => {
    await cut()
    const other = path.join(stick, '..', 'other')
    mkdirSync(other)
    for (const file of volumes().slice(2)) renameSync(file, path.join(other, path.basename(file)))
    const { images } = await installed(stick, other)
    expect(images).to.have.length(1)
    await expectWhole()
    rmSync(store, { recursive: true })
    await installed(...volumes(), ...volumes(other))
    await expectWhole()
  })

  for (const order of [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [2, 0, 3, 1],
  ])
    it(`arrive one after the other in the order ${order.map((at) => at + 1).join(', ')}`, async () => {
      await cut()
      const all = volumes()
      for (const [step, at] of order.entries()) {
        const slot = temporary.folder()
        copyFileSync(all[at] ?? '', path.join(slot, path.basename(all[at] ?? '')))
        if (step === order.length - 1) {
          await installed(slot)
          continue
        }
        const error = await failure(installed(slot), 'VOLUME_MISSING')
        expect(exitCode(error)).to.equal(4)
        const missing = order
          .slice(step + 1)
          .map((other) => other + 1)
          .sort()
        expect(error.details?.volumes).to.deep.equal(missing)
        expect(Object.keys(filesIn(path.join(store, 'blobs')))).to.deep.equal([])
      }
      await expectWhole()
    })

  it('are asked for by name where somebody can be asked', async () => {
    await cut()
    const slots = volumes().map((file) => {
      const slot = temporary.folder()
      renameSync(file, path.join(slot, path.basename(file)))
      return slot
    })
    const asked: string[] = []
    const nextVolume: NonNullable<InstallRequest['nextVolume']> = async (names) => {
      asked.push(names)
      return slots[asked.length]
    }
    await install({ targets: [slots[0] ?? ''], store, nextVolume })
    expect(asked).to.deep.equal([
      'base-1-0.vol2of4.tar, base-1-0.vol3of4.tar and base-1-0.vol4of4.tar',
      'base-1-0.vol3of4.tar and base-1-0.vol4of4.tar',
      'base-1-0.vol4of4.tar',
    ])
    await expectWhole()
  })

  it('are asked for again where the stick is of another set, or not there', async () => {
    const other = path.join(temporary.folder(), 'layout')
    makeLayout(other, [
      { refName: 'base:1.0', layers: [{ files: { size: 7_000_000 }, compression: 'none' }] },
    ])
    const foreign = temporary.folder()
    await save({ names: [other], path: foreign, volumeSize: VOLUME_SIZE })
    await cut()
    const last = temporary.folder()
    renameSync(volumes()[3] ?? '', path.join(last, 'base-1-0.vol4of4.tar'))
    const sticks = [foreign, path.join(last, 'nowhere'), last]
    const notes: string[] = []
    const onProgress = (event: ProgressEvent): void => {
      if (event.type === 'note') notes.push(event.message)
    }
    await install({ targets: [stick], store, onProgress, nextVolume: async () => sticks.shift() })
    expect(notes).to.include(`${foreign} has volumes of another set.`)
    expect(notes).to.include(`${path.join(last, 'nowhere')} has no volumes.`)
    await expectWhole()
  })

  it('beside a layout are not what its folder means', async () => {
    await cut()
    rmSync(volumes()[2] ?? '')
    makeLayout(stick, [{ refName: 'own:2.0', layers: [{ files: { own: 'own' } }] }])
    const { images } = await installed(stick)
    expect(images.map((image) => image.name)).to.deep.equal(['own'])
    expect((await verify({ paths: [stick] })).problems).to.deep.equal([])
  })

  it('are not read again once they have arrived', async () => {
    await cut()
    const last = volumes()[3] ?? ''
    const away = path.join(temporary.folder(), path.basename(last))
    renameSync(last, away)
    await failure(installed(stick), 'VOLUME_MISSING')
    // What is on the stick now would be refused if it was read.
    for (const file of volumes()) damage(file)
    await installed(path.dirname(away))
    await expectWhole()
  })

  describe('of which something is wrong', () => {
    beforeEach(async () => {
      await cut()
    })

    it('are named where one is damaged, by verify and by install, and the store stays as it was', async () => {
      const [, second = ''] = volumes()
      damage(second)
      const { problems } = await verify({ paths: [stick] })
      expect(problems.map(({ code, path: file }) => `${code} ${file}`)).to.deep.equal([
        `VOLUME_DAMAGED ${second}`,
      ])
      const error = await failure(installed(stick), 'VOLUME_DAMAGED')
      expect(error.message).to.contain('base-1-0.vol2of4.tar is damaged')
      expect(error.remedy).to.contain('`onlyVolume` 2')
      expect(Object.keys(filesIn(path.join(store, 'blobs')))).to.deep.equal([])
    })

    it('are whole again when that one alone is made', async () => {
      const [, second = ''] = volumes()
      damage(second)
      await failure(cut({ onlyVolume: 2 }), 'FILE_EXISTS')
      await cut({ onlyVolume: 2, force: true })
      expect((await verify({ paths: [stick] })).problems).to.deep.equal([])
    })

    it('are named where one is cut short, or its list is damaged', async () => {
      const [first = '', second = '', third = ''] = volumes()
      truncateSync(second, 1_000_000)
      damage(third, 600)
      const { problems } = await verify({ paths: [stick] })
      expect(problems.map(({ code, path: file }) => `${code} ${file}`)).to.have.members([
        `VOLUME_DAMAGED ${second}`,
        `VOLUME_DAMAGED ${third}`,
        'VOLUME_MISSING base-1-0.vol3of4.tar',
      ])
      const error = await failure(installed(first), 'VOLUME_MISSING')
      expect(error.details?.volumes).to.deep.equal([2, 3])
      expect(error.found).to.contain('base-1-0.vol2of4.tar')
    })

    it('are refused where two sets lie in one folder, unless one of its volumes is named', async () => {
      const other = path.join(temporary.folder(), 'layout')
      makeLayout(other, [
        { refName: 'other:2.0', layers: [{ files: { size: 3_000_000 }, compression: 'none' }] },
      ])
      await save({ names: [other], path: stick, volumeSize: VOLUME_SIZE })
      const error = await failure(installed(stick), 'VOLUME_FOREIGN')
      expect(error.message).to.contain('volumes of 2 sets')
      const { images } = await installed(path.join(stick, 'base-1-0.vol2of4.tar'))
      expect(images.map((image) => image.name)).to.deep.equal(['base'])
    })

    it('are told where one has the name of another set', async () => {
      const other = path.join(temporary.folder(), 'other')
      cpSync(stick, other, { recursive: true })
      const another = path.join(temporary.folder(), 'layout')
      makeLayout(another, [
        { refName: 'base:1.0', layers: [{ files: { size: 7_000_000 }, compression: 'none' }] },
      ])
      const foreign = temporary.folder()
      await save({ names: [another], path: foreign, volumeSize: VOLUME_SIZE })
      const name = 'base-1-0.vol3of4.tar'
      copyFileSync(path.join(foreign, name), path.join(other, name))
      const error = await failure(installed(path.join(other, 'base-1-0.vol1of4.tar')), 'VOLUME_MISSING')
      expect(error.message).to.contain(name)
      expect(error.found).to.contain('one of the set')
    })

    it('are refused where a list leads out of the folder or has gaps', () => {
      const list = {
        volumeVersion: 1,
        set: 'a'.repeat(64),
        number: 1,
        images: [],
        volumes: [{ name: '../up.tar', size: 1 }],
        blobs: [],
      }
      expect(() => parseVolumeList(Buffer.from(JSON.stringify(list)))).to.throw(/volumes\[0\].name/)
      const blob = {
        digest: `sha256:${'0'.repeat(64)}`,
        size: 10,
        pieces: [
          { volume: 1, from: 0, size: 4 },
          { volume: 2, from: 5, size: 5 },
        ],
      }
      const gap = {
        ...list,
        volumes: [
          { name: 'a.tar', size: 1 },
          { name: 'b.tar', size: 1 },
        ],
        blobs: [blob],
      }
      expect(() => parseVolumeList(Buffer.from(JSON.stringify(gap)))).to.throw(/pieces\[1\].from/)
    })
  })

  it('are installed by the next run after a stick that was pulled out', async () => {
    await cut()
    const away = path.join(temporary.folder(), 'away')
    let pulled = false
    const onProgress = (event: ProgressEvent): void => {
      if (event.type !== 'bytes' || pulled) return
      pulled = true
      renameSync(stick, away)
    }
    const error = await install({ targets: [stick], store, onProgress }).then(
      () => expect.fail('it was not noticed'),
      (reason: ContainerImageError) => reason,
    )
    expect(error.message).to.contain(stick)
    expect(error.side, `${error.code} ${error.message}`).to.equal('source')
    renameSync(away, stick)
    expect(existsSync(path.join(store, 'index.json')) ? await get({ store }) : []).to.deep.equal([])
    await installed(stick)
    await expectWhole()
  })

  it('are one archive where they are found', async () => {
    await cut()
    expect(
      (await find({ source: stick })).images.map(({ name, version }) => `${name} ${version}`),
    ).to.deep.equal(['base 1.0'])
    await install({ targets: ['base'], source: stick, store })
    await expectWhole()
  })

  it('are planned and not written with --what-if', async () => {
    const { files } = await cut({ whatIf: true })
    expect(files).to.have.length(4)
    expect(readdirSync(stick)).to.deep.equal([])
  })

  it('that are too small or too many are refused before anything is written', async () => {
    await failure(cut({ volumeSize: 100_000 }), 'USAGE')
    await failure(cut({ onlyVolume: 5 }), 'USAGE')
    expect(readdirSync(stick)).to.deep.equal([])
  })

  describeWithPeers(['skopeo'], 'read by others', () => {
    it('are tars, each with the documents of the images', async () => {
      await cut()
      for (const file of volumes()) {
        const inspected = JSON.parse(runPeer('skopeo', ['inspect', `oci-archive:${file}`]))
        expect(inspected.Layers).to.have.length(3)
      }
    })
  })
})
