import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { blobPath, type Descriptor } from '../../../../manifests/index.js'
import { get, install, readReceipts, save } from '../../../../provider/index.js'
import { folderAndStore } from '../../../fixtures/folder-and-store.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { failure } from '../failure.js'

/** Several archives or folders in one command share copies; what is seen of it is as if each had been installed alone. */
describe('several archives in one install', () => {
  const at = folderAndStore()

  function layoutOf(name: string): string {
    const layout = path.join(at.folder, name)
    makeLayout(layout, [{ refName: `${name}:1.0`, layers: [{ files: { name }, compression: 'none' }] }])
    return layout
  }

  /** Takes the layers of the image away. */
  function breakLayout(layout: string): string {
    const index = JSON.parse(readFileSync(path.join(layout, 'index.json'), 'utf8'))
    const manifest = readFileSync(path.join(layout, blobPath(index.manifests[0].digest)), 'utf8')
    for (const { digest } of (JSON.parse(manifest) as { layers: Descriptor[] }).layers)
      rmSync(path.join(layout, blobPath(digest)))
    return layout
  }

  const names = async (): Promise<string[]> =>
    (await get({ store: at.store })).filter(({ tag }) => tag === '1.0').map(({ name }) => name)

  it('has all before the one that fails, and none after it', async () => {
    const targets = [layoutOf('one'), layoutOf('two'), breakLayout(layoutOf('three')), layoutOf('four')]
    const receipt = path.join(at.folder, 'receipts.jsonl')
    const error = await failure(install({ targets, store: at.store, receipt }), 'BLOB_MISSING')
    expect(error.message).to.contain('three')
    expect(await names()).to.deep.equal(['one', 'two'])
    const [log] = await readReceipts({ paths: [receipt] })
    const outcomes = log?.receipts.at(-1)?.images.map(({ name, outcome }) => `${name} ${outcome}`)
    expect(outcomes).to.deep.equal(['one installed', 'two installed', 'three refused'])
  })

  it('has all that can be installed where it keeps going, and each of them once', async () => {
    const targets = [
      breakLayout(layoutOf('one')),
      layoutOf('two'),
      breakLayout(layoutOf('three')),
      layoutOf('four'),
    ]
    const result = await install({ targets, store: at.store, keepGoing: true })
    expect(result.failed?.map(({ name, code }) => `${name} ${code}`)).to.deep.equal([
      'one 1.0 BLOB_MISSING',
      'three 1.0 BLOB_MISSING',
    ])
    expect(result.images.map(({ name }) => name)).to.deep.equal(['two', 'four'])
    expect(result.origins).to.deep.equal([targets[1], targets[3]])
    expect((await names()).sort()).to.deep.equal(['four', 'two'])
  })

  it('counts a layer that two of them have once, and moves each name as if they came in turn', async () => {
    const shared = { files: { base: 'below both' }, compression: 'none' as const }
    const targets = ['1.0', '2.0'].map((version) => {
      const layout = path.join(at.folder, version)
      makeLayout(layout, [{ refName: `app:${version}`, layers: [shared, { files: { version } }] }])
      return layout
    })
    const { copiedBytes, images } = await install({ targets, store: at.store })
    const blobs = new Set(images.map(({ digest }) => digest))
    expect(blobs.size).to.equal(2)
    const sizes = (await get({ store: at.store })).map(({ tag, version }) => `${tag} ${version}`)
    expect(sizes).to.have.members(['1.0 1.0', '2.0 2.0', 'latest 2.0'])
    expect(copiedBytes).to.be.lessThan(images.reduce((sum, { size }) => sum + size, 0))
  })

  it('takes a delta together with what it is a delta against', async () => {
    const base = path.join(at.folder, 'base.tar')
    const delta = path.join(at.folder, 'delta.tar')
    const layer = { files: { base: 200_000 } }
    const layout = path.join(at.folder, 'layout')
    makeLayout(layout, [{ refName: 'app:1.0', layers: [layer] }])
    await save({ names: [layout], path: base })
    await install({ targets: [base], store: path.join(at.folder, 'made') })
    const [row] = await get({ store: path.join(at.folder, 'made') })
    expect(row?.tag).to.equal('1.0')
    await save({ names: [layout], path: delta, base: [base] })
    await failure(install({ targets: [delta], store: at.store }), 'BASE_MISSING')
    const { images } = await install({
      targets: [layoutOf('one'), base, delta, layoutOf('two')],
      store: at.store,
    })
    expect(images.map(({ name }) => name)).to.deep.equal(['one', 'app', 'app', 'two'])
  })
})
