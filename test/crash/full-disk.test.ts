import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { copy } from '../../provider/copy/copy.js'
import { planCopy } from '../../provider/copy/plan.js'
import { openPath } from '../../provider/formats/open/open-path.js'
import { type ContainerImageError, get, install, readReceipts, save, verify } from '../../provider/index.js'
import { Hasher } from '../../provider/io/hashing/hasher.js'
import { storeSink } from '../../provider/store/sink.js'
import { openStore } from '../../provider/store/store.js'
import { makeLayout } from '../fixtures/layout.js'
import { scratch } from '../scratch.js'

/** A file system of its own that holds little: a full disk that fills no other. */
function canMount(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0
}

;(canMount() ? describe : describe.skip)('a full disk (a small tmpfs, mounted as root)', () => {
  const temporary = scratch()
  let layout: string
  let disk: string

  before(() => {
    layout = path.join(temporary.folder(), 'layout')
    makeLayout(layout, [
      { refName: 'big:1.0', layers: [{ files: { one: 3_000_000 } }, { files: { two: 3_000_000 } }] },
      { refName: 'small:1.0', layers: [{ files: { one: 100_000 } }] },
    ])
    disk = path.join(temporary.folder(), 'disk')
    mkdirSync(disk)
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk])
    if (mounted.status !== 0) throw new Error(`mount: ${mounted.stderr}`)
  })

  after(() => {
    spawnSync('umount', [disk])
    temporary.remove()
  })

  async function failure(run: Promise<unknown>): Promise<ContainerImageError> {
    return await run.then(
      () => {
        throw new Error('it did not fail')
      },
      (error) => error as ContainerImageError,
    )
  }

  it('is noticed before anything is written, by install', async () => {
    const store = path.join(disk, 'store')
    const error = await failure(install({ targets: [layout], store }))
    expect(error).to.include({ code: 'NO_SPACE', exitCode: 6, side: 'destination' })
    expect(error.expected).to.match(/MB free$/)
    expect(existsSync(store)).to.equal(false)
  })

  it('fails an install whose receipt has no room by saying that the images are there', async () => {
    const [store, receipt] = [path.join(temporary.folder(), 'store'), path.join(disk, 'log.jsonl')]
    spawnSync('dd', ['if=/dev/zero', `of=${path.join(disk, 'filler')}`, 'bs=64k'])
    try {
      const error = await failure(install({ targets: [layout], store, receipt }))
      expect(error.code).to.equal('NO_SPACE')
      expect(error.remedy).to.contain('The images are installed')
      expect((await get({ store })).length).to.be.above(0)
    } finally {
      rmSync(path.join(disk, 'filler'))
    }
    await install({ targets: [layout], store, receipt })
    expect((await readReceipts({ paths: [receipt] }))[0]?.receipts).to.have.length(2)
    rmSync(receipt)
  })

  it('that is read-only is noticed before anything is installed, where the receipt is to go there', async () => {
    const store = path.join(temporary.folder(), 'store')
    const remount = (how: string) => spawnSync('mount', ['-o', `remount,${how}`, disk])
    expect(remount('ro').status).to.equal(0)
    try {
      const error = await failure(install({ targets: [layout], store, receipt: disk }))
      expect(error.code).to.equal('PERMISSION_DENIED')
      expect(existsSync(store)).to.equal(false)
    } finally {
      remount('rw')
    }
  })

  it('is noticed before anything is written, by save', async () => {
    const error = await failure(save({ names: [layout], path: path.join(disk, 'big.tar') }))
    expect(error).to.include({ code: 'NO_SPACE', exitCode: 6, side: 'destination' })
    expect(readdirSync(disk)).to.deep.equal([])
  })

  it('is noticed before anything is written, on a media and by volumes', async () => {
    for (const options of [{ format: 'media' as const }, { volumeSize: 2_000_000 }]) {
      const error = await failure(save({ names: [layout], path: disk, ...options }))
      expect(error).to.include({ code: 'NO_SPACE', exitCode: 6, side: 'destination' })
      expect(readdirSync(disk)).to.deep.equal([])
    }
  })

  it('is noticed before volumes are taken in that are not all there', async () => {
    const stick = temporary.folder()
    await save({ names: [layout], path: stick, volumeSize: 2_500_000 })
    rmSync(path.join(stick, readdirSync(stick).sort().at(-1) ?? ''))
    const error = await failure(install({ targets: [stick], store: path.join(disk, 'store') }))
    expect(error).to.include({ code: 'NO_SPACE', exitCode: 6, side: 'destination' })
    expect(existsSync(path.join(disk, 'store'))).to.equal(false)
  })

  it('that fills up in the middle leaves the store whole, with what it had', async () => {
    const store = path.join(disk, 'store')
    const source = await openPath(layout)
    const hasher = new Hasher(1)
    const images = await source.images()
    const small = images.find((image) => image.refName === 'small:1.0')
    const big = images.find((image) => image.refName === 'big:1.0')
    if (!small || !big) throw new Error('the fixture is not what it should be')
    try {
      const bring = async (root: typeof big.root, repository: string) => {
        const name = { repository, tag: '1.0' }
        const plan = await planCopy(source, [{ root, names: [name], annotations: {} }])
        const sink = storeSink(await openStore(store), hasher)
        // Another process may fill the disk after the check of free space; here the check is told nothing.
        const begin = sink.begin?.bind(sink)
        sink.begin = async (whole) => await begin?.({ ...whole, contents: whole.contents.slice(0, 0) })
        await copy(source, plan, sink, { task: 'test' })
      }
      await bring(small.root, 'small')
      const error = await failure(bring(big.root, 'big'))
      expect(error).to.include({ code: 'NO_SPACE', exitCode: 6, side: 'destination' })
    } finally {
      await hasher.close()
      await source.close()
    }
    expect((await get({ store })).map((image) => image.repository)).to.deep.equal(['small'])
    expect((await verify({ store })).problems).to.deep.equal([])
    expect(readdirSync(path.join(store, 'ingest'))).to.deep.equal([])
  })
})
