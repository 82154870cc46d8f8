import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { blobPath, type Descriptor } from '../../../../manifests/index.js'
import { install, prune, untag, verify } from '../../../../provider/index.js'
import { addBlob, makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { blobBytes, blobsIn, filesIn } from '../on-disk.js'
import { addReferrer } from '../signed.js'

describe('prune', () => {
  const temporary = scratch()
  let folder: string
  let store: string

  beforeEach(() => {
    folder = path.join(temporary.folder(), 'layout')
    store = path.join(temporary.folder(), 'store')
  })
  afterEach(() => temporary.remove())

  it('removes what nothing names, and nothing else', async () => {
    makeLayout(folder, [
      { refName: 'one:1', layers: [{ files: { a: 'shared' } }, { files: { a: 4000 } }] },
      { refName: 'two:1', layers: [{ files: { a: 'shared' } }] },
    ])
    await install({ targets: [folder], store, noLatest: true })
    const stray = addBlob(store, 'text/plain', Buffer.from('stray'))
    await untag({ name: 'one:1', store })
    const before = blobBytes(store)
    const { removed, freedBytes } = await prune({ store })
    expect(removed.map((blob) => blob.digest)).to.include(stray.digest)
    // Manifest, config and the layer of its own; the shared layer stays.
    expect(removed).to.have.length(4)
    expect(before - blobBytes(store)).to.equal(freedBytes)
    expect(removed.reduce((sum, blob) => sum + blob.size, 0)).to.equal(freedBytes)
    expect((await verify({ store })).problems).to.deep.equal([])
    expect(await prune({ store })).to.deep.equal({ removed: [], freedBytes: 0 })
  })

  it('keeps the artifacts of images that stay', async () => {
    const [root] = makeLayout(folder, [{ refName: 'one:1', layers: [{ files: { a: 'a' } }] }])
    if (root) addReferrer(folder, root)
    await install({ targets: [folder], store })
    const before = blobsIn(store)
    expect(await prune({ store })).to.deep.equal({ removed: [], freedBytes: 0 })
    expect(blobsIn(store)).to.deep.equal(before)
  })

  it('changes nothing with --what-if', async () => {
    makeLayout(folder, [{ refName: 'one:1', layers: [{ files: { a: 'a' } }] }])
    await install({ targets: [folder], store })
    addBlob(store, 'text/plain', Buffer.from('stray'))
    const before = filesIn(store)
    const would = await prune({ store, whatIf: true })
    expect(filesIn(store)).to.deep.equal(before)
    expect(await prune({ store })).to.deep.equal(would)
    expect(would.removed).to.have.length(1)
  })

  it('removes what interrupted runs left', async () => {
    makeLayout(folder, [{ refName: 'one:1', layers: [{ files: { a: 'a' } }] }])
    await install({ targets: [folder], store })
    mkdirSync(path.join(store, 'ingest'), { recursive: true })
    writeFileSync(path.join(store, 'ingest', `sha256-${'0'.repeat(64)}`), 'half')
    expect((await prune({ store })).freedBytes).to.equal(4)
    expect(Object.keys(filesIn(path.join(store, 'ingest')))).to.deep.equal([])
  })

  it('removes nothing while nobody knows what is needed: a manifest is damaged, or gone', async () => {
    const [root] = makeLayout(folder, [{ refName: 'one:1', layers: [{ files: { a: 'a' } }] }])
    await install({ targets: [folder], store })
    const file = path.join(store, blobPath((root as Descriptor).digest))
    const before = blobsIn(store)
    const notes: string[] = []
    const onProgress = (event: { type: string; message?: string }): unknown =>
      event.type === 'note' && notes.push(event.message ?? '')
    chmodSync(file, 0o644)
    // Still a manifest, of another layer.
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace(/[0-9a-f]{64}/g, '0'.repeat(64)))
    expect((await prune({ store, onProgress })).removed).to.deep.equal([])
    expect(notes.join()).to.include('one:1').and.include('store')
    rmSync(file)
    expect((await prune({ store, onProgress })).removed).to.deep.equal([])
    expect(blobsIn(store)).to.deep.equal(before.filter((digest) => digest !== root?.digest))
    for (const name of ['one:1', 'one:latest']) await untag({ name, store })
    expect((await prune({ store })).removed).to.have.length(2)
  })

  it('removes nothing from a store that has lost its index', async () => {
    makeLayout(folder, [{ refName: 'one:1', layers: [{ files: { a: 'a' } }] }])
    await install({ targets: [folder], store })
    const before = blobsIn(store)
    rmSync(path.join(store, 'index.json'))
    for (const run of [() => prune({ store }), () => install({ targets: [folder], store })]) {
      const error = await run().catch((reason) => reason)
      expect(error.code).to.equal('LAYOUT_INVALID')
      expect(error.remedy).to.include('store')
    }
    expect(blobsIn(store)).to.deep.equal(before)
  })

  it('makes no store where there is none', async () => {
    expect(await prune({ store })).to.deep.equal({ removed: [], freedBytes: 0 })
    expect(filesIn(path.dirname(store))).to.deep.equal({})
  })
})
