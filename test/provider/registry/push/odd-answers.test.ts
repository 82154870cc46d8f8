import path from 'node:path'
import { expect } from 'chai'
import { push } from '../../../../provider/index.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'
import { type ScriptedRegistry, startScriptedRegistry } from './scripted-registry.js'

describe('pushing to registries that answer oddly', () => {
  const temporary = scratch()
  let registry: ScriptedRegistry
  let folder: string
  let store: string

  before(async () => {
    registry = await startScriptedRegistry()
  })
  after(() => registry.stop())
  beforeEach(() => {
    registry.script = {}
    registry.came.length = 0
    registry.blobs.clear()
    registry.manifests.clear()
    folder = path.join(temporary.folder(), 'layout')
    store = path.join(temporary.folder(), 'store')
    makeLayout(folder, [
      {
        refName: 'image:1.0',
        layers: [{ files: { a: 'a' } }, { files: { b: 2000 } }, { files: { c: 'c' } }],
      },
    ])
  })
  afterEach(() => temporary.remove())

  const pushed = () => push({ names: [folder], registry: `${registry.host}/base/image:1.0`, store })
  const sent = () => registry.came.filter(({ url }) => url.includes('digest=')).length

  for (const headStatus of [405, 501, 404])
    it(`goes on where every HEAD is answered with ${headStatus}`, async () => {
      registry.script = { headStatus }
      const { images } = await pushed()
      expect(registry.manifests.has(images[0]?.digest ?? '')).to.equal(true)
      expect([...registry.manifests.keys()]).to.include('1.0')
    })

  for (const losesBlobs of [1, 2])
    it(`sends again what a registry has lost meanwhile, ${losesBlobs} times`, async () => {
      registry.script = { losesBlobs }
      await pushed()
      expect([...registry.manifests.keys()]).to.include('1.0')
      expect(registry.blobs.size).to.equal(4)
    })

  it('sends what a registry says that it has, and has not', async () => {
    registry.script = { claimsBlobs: true }
    await pushed()
    expect(registry.blobs.size).to.equal(4)
    expect(sent()).to.equal(4)
  })

  it('gives up where a registry loses blobs again and again', async () => {
    registry.script = { losesBlobs: 20 }
    const error = await failure(pushed(), 'CHANGED_MEANWHILE')
    expect(error.message).to.contain('MANIFEST_BLOB_UNKNOWN')
    expect(error.side).to.equal('destination')
    expect([...registry.manifests.keys()]).not.to.include('1.0')
  })

  for (const codes of [
    ['DIGEST_INVALID', 'MANIFEST_BLOB_UNKNOWN'],
    ['MANIFEST_BLOB_UNKNOWN', 'DIGEST_INVALID'],
    ['DIGEST_INVALID', '', 'DIGEST_INVALID', 'MANIFEST_BLOB_UNKNOWN'],
  ])
    it(`puts a manifest again whose blobs a registry did not find for a moment: ${codes}`, async () => {
      registry.script = { refusesManifests: { times: 1, codes } }
      await pushed()
      expect([...registry.manifests.keys()]).to.include('1.0')
      expect(sent()).to.equal(4)
    })

  it('says that a registry got other bytes where it says nothing else', async () => {
    registry.script = { refusesManifests: { times: 20, codes: ['DIGEST_INVALID'] } }
    const error = await failure(pushed(), 'DIGEST_MISMATCH')
    expect(error.message).to.contain('DIGEST_INVALID: refused')
    expect([...registry.manifests.keys()]).not.to.include('1.0')
  })
})
