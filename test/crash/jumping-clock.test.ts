import { mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { get, install, prune, readReceipts, storeCheck, verify } from '../../provider/index.js'
import { takeLock } from '../../provider/io/files/lock.js'
import { Places } from '../../provider/store/places.js'
import { makeLayout } from '../fixtures/layout.js'
import { blobsIn } from '../provider/verbs/on-disk.js'
import { scratch } from '../scratch.js'
import { runToEnd } from './killing.js'

const DAY = 24 * 3600 * 1000

describe('a clock that jumps', () => {
  const temporary = scratch()
  let folder: string
  let store: string

  function layout(version: string): string {
    const place = path.join(folder, `layout-${version}`)
    makeLayout(place, [{ refName: `demo:${version}`, layers: [{ files: { own: 100_000, version } }] }])
    return place
  }

  beforeEach(() => {
    folder = temporary.folder()
    store = path.join(folder, 'store')
  })
  afterEach(() => temporary.remove())

  it('leaves a save, an install with a receipt, a tag and a prune as good as any other', async () => {
    const [at, media] = [(name: string) => path.join(folder, name), path.join(folder, 'media')]
    const jumping = { CLOCK: 'jumping' }
    const [older, newer] = [layout('1.0'), layout('2.0')]
    await runToEnd('save', { names: [older], path: media, format: 'media', force: true }, jumping)
    const receipt = { receipt: media, receiptHost: 'plant' }
    await runToEnd('install', { targets: [media], store, ...receipt }, jumping)
    // As of a day ago, from the point of view of what is there.
    await runToEnd(
      'save',
      { names: [newer], path: media, format: 'media', force: true },
      { CLOCK: `-${DAY}` },
    )
    await runToEnd('install', { targets: [media], store, ...receipt }, { CLOCK: `-${DAY}` })
    await runToEnd('tag', { from: 'demo:1.0', to: 'demo:stable', store }, jumping)
    await runToEnd('uninstall', { name: 'demo', version: '2.0', store }, jumping)
    await runToEnd('prune', { store }, jumping)
    await runToEnd('save', { names: ['demo:1.0'], path: at('out.tar'), store }, jumping)
    expect((await get({ store })).map(({ tag }) => tag)).to.have.members(['1.0', 'latest', 'stable'])
    for (const paths of [undefined, [media], [at('out.tar')]])
      expect((await verify({ paths, store })).problems).to.deep.equal([])
    const checked = await storeCheck({ store })
    expect([checked.problems, checked.leftovers]).to.deep.equal([[], []])
    const receipts = (await readReceipts({ paths: [media] })).flatMap((one) => one.receipts)
    expect(receipts.map(({ number }) => number)).to.deep.equal([1, 2])
    expect(readdirSync(path.join(store, 'ingest'))).to.deep.equal([])
  })

  it('lets prune remove nothing beside a copy that began later than it is now', async () => {
    await install({ targets: [layout('1.0')], store })
    const { ingestFolder } = new Places(store)
    mkdirSync(ingestFolder, { recursive: true })
    const began = Date.now() + DAY
    const copy = await takeLock(
      path.join(ingestFolder, `copy-${began}-00000000-0000-4000-8000-000000000000.lock`),
    )
    const before = blobsIn(store)
    await runToEnd('uninstall', { name: 'demo', store })
    expect((await prune({ store })).removed).to.deep.equal([])
    expect(blobsIn(store)).to.deep.equal(before)
    await copy.release()
    await prune({ store })
    expect(blobsIn(store)).to.deep.equal([])
  })
})
