import { chmodSync, lstatSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import {
  blobPath,
  configBytes,
  type Descriptor,
  type Digest,
  digestOf,
  MEDIA_TYPES,
  manifestBytes,
  parseConfig,
  parseManifest,
} from '../../../manifests/index.js'
import type { ExpectedLayer } from '../../../provider/copy/expected-layer.js'
import { storeLayout } from '../../../provider/formats/layout/store-layout.js'
import { install, save, verify } from '../../../provider/index.js'
import { openStore } from '../../../provider/store/store.js'
import { addBlob, makeLayout, readIndex, writeIndex } from '../../fixtures/layout.js'
import { scratch } from '../../scratch.js'
import { failure } from '../verbs/failure.js'

describe('a layer that a store knows', () => {
  const { folder: newFolder, remove } = scratch()
  let folder: string
  let store: string
  let layers: Descriptor[]
  let diffIds: Digest[]

  beforeEach(async () => {
    folder = newFolder()
    store = path.join(folder, 'store')
    const layout = path.join(folder, 'layout')
    const below = { files: { 'etc/a': 'a', 'usr/large': 300_000 } }
    const above = { files: { 'etc/b': 'b' }, compression: 'none' as const }
    const [root] = makeLayout(layout, [{ refName: 'one:1.0', layers: [below, above] }])
    const manifest = parseManifest(read(layout, root?.digest ?? ''))
    layers = manifest.layers
    diffIds = parseConfig(read(layout, manifest.config.digest)).rootfs.diff_ids as Digest[]
    await install({ targets: [layout], store })
  })
  afterEach(remove)

  it('is known by its digest and that of its tar, with the size of its files', async () => {
    expect(await known(0)).to.equal(300_001)
    expect(await known(1)).to.equal(1)
    expect(await known(0, { diffIds: new Set([diffIds[1] as Digest]) })).to.equal(undefined)
    expect(await known(0, { diffIds: new Set(diffIds) })).to.equal(undefined)
    expect(await known(0, { diffIds: new Set() })).to.equal(undefined)
  })

  it('is known for the system that it was judged for', async () => {
    expect(await known(0, { os: 'windows' })).to.equal(undefined)
  })

  it('is known on top of others if it passed with nothing below it, and not the other way round', async () => {
    expect(await known(0, { isFirst: true })).to.equal(300_001)
    expect(await known(0, { isFirst: false })).to.equal(300_001)
    expect(await known(1, { isFirst: true })).to.equal(undefined)
  })

  it('is not known once its file is another, even with the same bytes', async () => {
    const file = path.join(store, blobPath(layers[0]?.digest as Digest))
    const bytes = readFileSync(file)
    chmodSync(file, 0o644)
    writeFileSync(file, bytes)
    expect(await known(0)).to.equal(undefined)
    expect(await known(1)).to.equal(1)
  })

  it('is known again after the store was verified', async () => {
    const notes = path.join(store, 'checked.json')
    writeFileSync(notes, '{}')
    expect(await known(0)).to.equal(undefined)
    for (const { digest } of layers) {
      const then = new Date(Date.now() - 60_000)
      utimesSync(path.join(store, blobPath(digest)), then, then)
    }
    expect((await verify({ store })).ok).to.equal(true)
    expect(await known(0)).to.equal(300_001)
  })

  it('is unpacked where the note about it is not as we write it', async () => {
    const notes = path.join(store, 'checked.json')
    const digest = layers[0]?.digest ?? ''
    const text = JSON.parse(readFileSync(notes, 'utf8'))
    for (const found of [
      'x',
      {},
      [1],
      ['linux'],
      [`linux lowest ${diffIds[0]} x`],
      [`plan9 ${diffIds[0]}`],
    ]) {
      writeFileSync(notes, JSON.stringify({ ...text, judged: { [digest]: found } }))
      expect(await known(0), JSON.stringify(found)).to.equal(undefined)
    }
  })

  it('is hashed on its way out, and refused where its bytes are others', async () => {
    const file = path.join(store, blobPath(layers[0]?.digest as Digest))
    const { size, atime, mtime } = lstatSync(file)
    chmodSync(file, 0o644)
    writeFileSync(file, Buffer.alloc(size, 7))
    utimesSync(file, atime, mtime)
    noteAgain(layers[0] as Descriptor)
    await failure(save({ names: ['one'], store, path: path.join(folder, 'out.tar') }), 'DIGEST_MISMATCH')
  })

  it('is unpacked for an image of another program that calls its tar another', async () => {
    const [entry] = readIndex(store)
    const manifest = parseManifest(read(store, entry?.digest ?? ''))
    const config = parseConfig(read(store, manifest.config.digest))
    const wrong = digestOf(Buffer.from('another tar'))
    const rootfs = { ...config.rootfs, diff_ids: [wrong, diffIds[1] as Digest] }
    chmodSync(path.join(store, 'blobs', 'sha256'), 0o755)
    const made = addBlob(store, MEDIA_TYPES.ociConfig, configBytes({ ...config, rootfs }))
    const root = addBlob(store, MEDIA_TYPES.ociManifest, manifestBytes({ ...manifest, config: made }))
    const annotations = { 'org.opencontainers.image.ref.name': 'docker.io/library/other:1.0' }
    writeIndex(store, [...readIndex(store), { ...root, annotations }])
    const out = path.join(folder, 'out.tar')
    const error = await failure(save({ names: ['other'], store, path: out }), 'DIGEST_MISMATCH')
    expect(error.message).to.contain('is not the layer that the config names')
    await save({ names: ['one'], store, path: out })
    expect((await verify({ paths: [out] })).ok).to.equal(true)
  })

  it('is not unpacked again when it is saved', async () => {
    // No tar, but noted as one: only whoever unpacks it notices.
    const none = path.join(folder, 'none')
    const tar = Buffer.alloc(4096, 'no tar')
    makeLayout(none, [{ refName: 'none:1.0', layers: [{ files: {}, tar, compression: 'gzip' }] }])
    const out = path.join(folder, 'out.tar')
    await failure(save({ names: ['none'], store: none, path: out }), 'LAYER_INVALID')
    const [entry] = readIndex(none)
    const manifest = parseManifest(read(none, entry?.digest ?? ''))
    const [layer] = manifest.layers
    const { size, mtimeNs, ctimeNs, ino } = lstatSync(path.join(none, blobPath(layer?.digest as Digest)), {
      bigint: true,
    })
    const digest = layer?.digest ?? ''
    const notes = {
      checkedVersion: 1,
      blobs: { [digest]: `${size} ${mtimeNs} ${ctimeNs} ${ino}` },
      unpacked: { [digest]: 5 },
      judged: { [digest]: [`linux lowest ${digestOf(tar)}`] },
    }
    writeFileSync(path.join(none, 'checked.json'), JSON.stringify(notes))
    await save({ names: ['none'], store: none, path: out })
  })

  /** What a later run knows about a layer of the image. */
  async function known(at: number, changes: Partial<ExpectedLayer> = {}): Promise<number | undefined> {
    const source = await storeLayout(await openStore(store))
    try {
      const expected = { os: 'linux', diffIds: new Set([diffIds[at] as Digest]), isFirst: at === 0 } as const
      return await source.knownLayer?.(layers[at] as Descriptor, { ...expected, ...changes })
    } finally {
      await source.close()
    }
  }

  /** As if the file, as it is now, had been hashed. */
  function noteAgain({ digest }: Descriptor): void {
    const notes = path.join(store, 'checked.json')
    const text = JSON.parse(readFileSync(notes, 'utf8'))
    const { size, mtimeNs, ctimeNs, ino } = lstatSync(path.join(store, blobPath(digest)), { bigint: true })
    text.blobs[digest] = `${size} ${mtimeNs} ${ctimeNs} ${ino}`
    writeFileSync(notes, JSON.stringify(text))
  }
})

function read(folder: string, digest: string): Buffer {
  return readFileSync(path.join(folder, blobPath(digest as Digest)))
}
