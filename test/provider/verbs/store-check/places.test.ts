import { rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { install, pull, push, save, storeCheck, verify } from '../../../../provider/index.js'
import { makeWim } from '../../../fixtures/wim.js'
import { startDockerRegistry } from '../../../peers/docker-registry.js'
import { describeWithPeers } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { blobsOf, type DamagedStore, fileOf, harm, storeToDamage } from './damaged-store.js'

function bySize(store: string): string[] {
  const size = (digest: string): number => statSync(fileOf(store, digest)).size
  return blobsOf(store)
    .map((hex) => `sha256:${hex}`)
    .sort((a, b) => size(b) - size(a))
}

describe('store check, of the places that have what is lost', () => {
  const folders = scratch()
  afterEach(() => folders.remove())

  function lose({ store, own, shared }: DamagedStore): void {
    harm('missing', fileOf(store, own))
    harm('altered', fileOf(store, shared))
  }

  const FORMS: Record<string, { path: string; more?: object }> = {
    'an archive': { path: 'demo.tar' },
    'a zip': { path: 'demo.zip' },
    'a media': { path: 'usb', more: { format: 'media' } },
    'a set of volumes': { path: 'volumes', more: { volumeSize: 2_000_000 } },
  }
  for (const [what, { path: name, more }] of Object.entries(FORMS))
    it(`brings blobs back from ${what}`, async () => {
      const damaged = await storeToDamage(folders)
      const to = path.join(folders.folder(), name)
      await save({ names: [damaged.layout], path: to, force: true, ...more })
      lose(damaged)
      const { store } = damaged
      const repaired = await storeCheck({ store, from: [to], repair: true })
      expect(repaired.ok, JSON.stringify(repaired)).to.equal(true)
      expect((await verify({ store })).problems).to.deep.equal([])
    })

  it('brings blobs back from a folder of archives, and from another store', async () => {
    const damaged = await storeToDamage(folders)
    const { store, layout } = damaged
    const above = folders.folder()
    await save({ names: [layout], path: path.join(above, 'demo.tar') })
    lose(damaged)
    expect((await storeCheck({ store, from: [above], repair: true })).ok).to.equal(true)
    const other = path.join(folders.folder(), 'other')
    await install({ targets: [layout], store: other })
    lose(damaged)
    expect((await storeCheck({ store, from: [other], repair: true })).ok).to.equal(true)
  })

  it('makes the layer of a WIM again from the WIM', async () => {
    const above = folders.folder()
    const [wim, store] = [path.join(above, 'NanoServer.wim'), path.join(above, 'store')]
    await makeWim(wim)
    await install({ targets: [wim], store })
    rmSync(fileOf(store, bySize(store)[0] ?? ''))
    expect((await storeCheck({ store })).ok).to.equal(false)
    const repaired = await storeCheck({ store, from: [wim], repair: true })
    expect(repaired.ok, JSON.stringify(repaired)).to.equal(true)
  })

  it('tells of a place that is damaged itself, and goes on', async () => {
    const damaged = await storeToDamage(folders)
    const { store, layout } = damaged
    const tar = path.join(folders.folder(), 'demo.tar')
    await save({ names: [layout], path: tar })
    harm('cut short', tar)
    lose(damaged)
    const notes: string[] = []
    const onProgress = (event: { type: string; message?: string }): unknown =>
      event.type === 'note' && notes.push(event.message ?? '')
    const repaired = await storeCheck({ store, from: [tar, layout], repair: true, onProgress })
    expect(repaired.ok, JSON.stringify(repaired)).to.equal(true)
    expect(notes.join('\n')).to.include('demo.tar')
  })

  it('refuses a place that is not there', async () => {
    const { store, own } = await storeToDamage(folders)
    harm('missing', fileOf(store, own))
    const code = await storeCheck({ store, from: ['./nowhere.tar'] }).catch((error) => error.code)
    expect(code).to.equal('PATH_NOT_FOUND')
  })
})

describeWithPeers(['docker-registry'], 'store check, of registries', () => {
  const folders = scratch()
  afterEach(() => folders.remove())

  it('asks the registry that an image came from, without being told', async () => {
    const { layout } = await storeToDamage(folders)
    const above = folders.folder()
    const registry = await startDockerRegistry({ parent: above })
    try {
      const store = path.join(above, 'store')
      await push({ names: [layout], registry: `${registry.host}/base`, store, noLatest: true })
      await pull({ references: [`${registry.host}/base/demo:1.0`], store })
      for (const digest of blobsOf(store).map((hex) => `sha256:${hex}`))
        harm('altered', fileOf(store, digest))
      const found = await storeCheck({ store })
      expect(found.problems.some(({ from }) => from.includes(`${registry.host}/base/demo`))).to.equal(true)
      const repaired = await storeCheck({ store, repair: true })
      expect(repaired.ok, JSON.stringify(repaired)).to.equal(true)
      expect((await verify({ store })).problems).to.deep.equal([])
    } finally {
      await registry.stop()
    }
  })
})
