import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { blobPath, type Descriptor } from '../../../manifests/index.js'
import {
  get,
  type InstallResult,
  install,
  push,
  readReceipts,
  type SaveResult,
  save,
} from '../../../provider/index.js'
import { restoreEnvironment } from '../../environment.js'
import { makeLayout } from '../../fixtures/layout.js'
import { type DockerRegistry, startDockerRegistry } from '../../peers/docker-registry.js'
import { describeWithPeers } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { failure } from './failure.js'

describe('a run that keeps going', () => {
  const temporary = scratch()
  const environment = { ...process.env }
  let folder: string
  let layout: string
  let images: Descriptor[]

  beforeEach(() => {
    folder = temporary.folder()
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(folder, 'settings')
    process.env.CONTAINERIMAGE_STORE = path.join(folder, 'store')
    layout = path.join(folder, 'layout')
    images = makeLayout(
      layout,
      ['one', 'two', 'three'].map((name) => ({
        refName: `${name}:1.0`,
        layers: [{ files: { name }, compression: 'none' as const }],
      })),
    )
  })
  afterEach(() => {
    restoreEnvironment(environment)
    temporary.remove()
  })

  /** Takes the layer of an image away. */
  function breakImage(at: number): void {
    const manifest = readFileSync(path.join(layout, blobPath(images[at]?.digest ?? '')), 'utf8')
    const { layers } = JSON.parse(manifest) as { layers: Descriptor[] }
    for (const { digest } of layers) rmSync(path.join(layout, blobPath(digest)))
  }

  const failed = ({ failed = [] }: Pick<SaveResult | InstallResult, 'failed'>): string[] =>
    failed.map(({ name, code }) => `${name} ${code}`)

  function stick(): string {
    const made = path.join(folder, 'stick')
    mkdirSync(made)
    return made
  }

  it('installs the images of a folder that are whole, and has a receipt of those that are not', async () => {
    breakImage(1)
    await failure(install({ targets: [layout] }), 'BLOB_MISSING')
    expect(await get({})).to.deep.equal([])
    const receipt = path.join(folder, 'receipts.jsonl')
    const result = await install({ targets: [layout], keepGoing: true, receipt })
    expect(failed(result)).to.deep.equal(['two 1.0 BLOB_MISSING'])
    expect((await get({})).filter(({ tag }) => tag === '1.0').map(({ name }) => name)).to.deep.equal([
      'one',
      'three',
    ])
    const [log] = await readReceipts({ paths: [receipt] })
    const outcomes = log?.receipts.at(-1)?.images.map(({ name, outcome }) => `${name} ${outcome}`)
    expect(outcomes).to.deep.equal(['one installed', 'three installed', 'two refused'])
  })

  it('installs every target that can be, whatever is wrong with the others', async () => {
    const targets = [path.join(folder, 'nowhere.tar'), layout, `${folder}/neither`]
    const result = await install({ targets, keepGoing: true })
    expect(result.images).to.have.length(3)
    expect(result.failed?.map(({ code }) => code)).to.deep.equal(['PATH_NOT_FOUND', 'PATH_NOT_FOUND'])
  })

  for (const format of ['oci-archive', 'media'] as const)
    it(`saves as ${format} what can be saved`, async () => {
      breakImage(0)
      const made = stick()
      const result = await save({ names: [layout], keepGoing: true, path: made, format })
      expect(failed(result)).to.deep.equal(['one 1.0 BLOB_MISSING'])
      expect(result.images.map(({ name }) => name).sort()).to.deep.equal(['three', 'two'])
      const installed = path.join(folder, 'site')
      const targets = format === 'media' ? [made] : readdirSync(made).map((name) => path.join(made, name))
      expect((await install({ targets, store: installed })).images).to.have.length(2)
    })

  for (const [form, to] of [
    ['one file', { path: 'all.tar' }],
    ['one zip', { path: 'all.zip' }],
    ['volumes', { path: 'volumes', volumeSize: 2_000_000 }],
  ] as const)
    it(`saves into ${form} the images whose layers are whole`, async () => {
      breakImage(1)
      const place = { ...to, path: path.join(folder, to.path) }
      if (form === 'volumes') mkdirSync(place.path)
      const result = await save({ names: [layout], keepGoing: true, ...place })
      expect(failed(result)).to.deep.equal(['two 1.0 BLOB_MISSING'])
      expect(result.images.map(({ name }) => name).sort()).to.deep.equal(['one', 'three'])
      const installed = await install({ targets: [place.path], store: path.join(folder, 'site') })
      expect(installed.images.map(({ name }) => name).sort()).to.deep.equal(['one', 'three'])
      if (form === 'volumes')
        expect(readdirSync(place.path).filter((name) => !/vol\dof\d\.tar$/.test(name))).to.deep.equal([])
      await failure(save({ names: [layout], ...place, force: true }), 'BLOB_MISSING')
    })

  it('leaves out each image that shares a damaged layer', async () => {
    const one = path.join(folder, 'sharing')
    const files = { name: 'shared' }
    makeLayout(
      one,
      ['one', 'two', 'three'].map((name) => ({
        refName: `${name}:1.0`,
        layers: [
          { files: name === 'three' ? { name } : files, compression: 'none' as const },
          { files: { own: name }, compression: 'none' as const },
        ],
      })),
    )
    const { manifests } = JSON.parse(readFileSync(path.join(one, 'index.json'), 'utf8')) as {
      manifests: Descriptor[]
    }
    const [first] = manifests
    const { layers } = JSON.parse(readFileSync(path.join(one, blobPath(first?.digest ?? '')), 'utf8')) as {
      layers: Descriptor[]
    }
    const shared = path.join(one, blobPath(layers[0]?.digest ?? ''))
    writeFileSync(shared, Buffer.alloc(layers[0]?.size ?? 0))
    const file = path.join(folder, 'all.tar')
    const result = await save({ names: [one], keepGoing: true, path: file })
    expect(failed(result)).to.deep.equal(['one 1.0 DIGEST_MISMATCH', 'two 1.0 DIGEST_MISMATCH'])
    expect(result.images.map(({ name }) => name)).to.deep.equal(['three'])
    expect((await install({ targets: [file] })).images.map(({ name }) => name)).to.deep.equal(['three'])
  })

  it('counts as copied what was brought before one failed, and knows its size', async () => {
    breakImage(2)
    for (const again of [false, true]) {
      const result = await install({ targets: [layout], keepGoing: true })
      expect(result.alreadyThere).to.have.length(again ? 2 : 0)
      if (again) expect(result.copiedBytes).to.equal(0)
      else expect(result.copiedBytes).to.be.greaterThan(result.reusedBytes)
    }
    for (const { unpackedSize } of await get({})) expect(unpackedSize).to.be.a('number')
    const made = stick()
    const saved = await save({ names: [layout], keepGoing: true, path: made, format: 'media' })
    expect(saved.reusedBytes).to.equal(0)
    expect(saved.fetchedBytes).to.be.greaterThan(0)
  })

  it('tells what a run had done that was stopped by its first failure', async () => {
    breakImage(2)
    const made = stick()
    const error = await failure(save({ names: [layout], path: made, format: 'oci-archive' }), 'BLOB_MISSING')
    expect((error.done as SaveResult).images.map(({ name }) => name)).to.deep.equal(['one', 'two'])
    expect((error.done as SaveResult).files).to.have.length(2)
  })

  it('does not go on once it was interrupted', async () => {
    const stop = new AbortController()
    const { signal } = stop
    const onProgress = (): void => stop.abort()
    await failure(install({ targets: [layout, layout], keepGoing: true, signal, onProgress }), 'INTERRUPTED')
  })

  describeWithPeers(['docker-registry'], 'to a registry', () => {
    let registry: DockerRegistry

    before(async () => {
      registry = await startDockerRegistry()
    })
    after(() => registry?.stop())

    it('pushes what can be pushed', async () => {
      breakImage(1)
      const names = ['nothing', layout]
      const result = await push({ names, registry: registry.host, keepGoing: true })
      expect(result.images.map(({ name }) => name).sort()).to.deep.equal(['one', 'three'])
      expect(failed(result)).to.deep.equal(['nothing NOT_INSTALLED', 'two 1.0 BLOB_MISSING'])
    })
  })
})
