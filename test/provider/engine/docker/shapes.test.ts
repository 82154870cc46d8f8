import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { compress } from '@cloudpss/zstd'
import { expect } from 'chai'
import {
  blobPath,
  configBytes,
  type Descriptor,
  digestOf,
  MEDIA_TYPES,
  manifestBytes,
  type Platform,
} from '../../../../manifests/index.js'
import { install, load } from '../../../../provider/index.js'
import { addBlob, addIndex, makeLayout, tarOf, writeIndex } from '../../../fixtures/layout.js'
import { type Docker, startDocker } from '../../../peers/engines.js'
import { describeWithPeers } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { expectError, failure } from '../../conformance.js'

const LINUX: Platform = { os: 'linux', architecture: 'amd64' }

interface Layer {
  tar: Buffer
  blob: Buffer
  mediaType: string
}

const gzip = (tar: Buffer): Layer => ({ tar, blob: gzipSync(tar), mediaType: MEDIA_TYPES.ociLayerGzip })
const plain = (tar: Buffer): Layer => ({ tar, blob: tar, mediaType: MEDIA_TYPES.ociLayer })
const large = (): Buffer => tarOf({ [`usr/share/${randomBytes(4).toString('hex')}`]: 5_000_000 })

describeWithPeers(['docker', 'dockerd'], 'images of many shapes, into docker', () => {
  const temporary = scratch()
  let engine: Docker
  let folder: string
  let store: string
  const inEngine = () => ({ store, engine: 'docker', engineAddress: engine.socket }) as const

  before(async () => {
    folder = temporary.folder()
    store = path.join(folder, 'store')
    engine = await startDocker()
  })

  after(async () => {
    await engine?.stop()
    temporary.remove()
  })

  /** A layout of one image; returns its folder. */
  function layoutOf(name: string, layers: Layer[]): string {
    const layout = path.join(folder, name)
    makeLayout(layout, [])
    writeIndex(layout, [{ ...addImage(layout, layers), annotations: named(`${name}:1.0`) }])
    return layout
  }

  function addImage(layout: string, layers: Layer[]): Descriptor {
    const config = configBytes({
      ...LINUX,
      rootfs: { type: 'layers', diff_ids: layers.map(({ tar }) => digestOf(tar)) },
    })
    const manifest = manifestBytes({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      config: addBlob(layout, MEDIA_TYPES.ociConfig, config),
      layers: layers.map(({ blob, mediaType }) => addBlob(layout, mediaType, blob)),
    })
    return { ...addBlob(layout, MEDIA_TYPES.ociManifest, manifest), platform: LINUX }
  }

  const named = (name: string) => ({ 'org.opencontainers.image.ref.name': name })

  function layersInEngine(name: string): string[] {
    const format = '{{range .RootFS.Layers}}{{.}} {{end}}'
    return engine.docker('image', 'inspect', '--format', format, name).trim().split(' ')
  }

  async function expectLoaded(name: string, layers: Layer[]): Promise<void> {
    await install({ targets: [layoutOf(name, layers)], ...inEngine() })
    expect(layersInEngine(`${name}:latest`)).to.deep.equal(layers.map(({ tar }) => digestOf(tar)))
  }

  it('takes layers compressed with zstd, which the daemon itself may not know', async () => {
    const zstd = async (tar: Buffer): Promise<Layer> => ({
      tar,
      blob: Buffer.from(await compress(tar)),
      mediaType: MEDIA_TYPES.ociLayerZstd,
    })
    await expectLoaded('zstd', [await zstd(large()), await zstd(tarOf({ a: 'small' })), gzip(large())])
  })

  it('takes gzip layers of several members, whose trailer does not say their size', async () => {
    const membered = (tar: Buffer): Layer => ({
      tar,
      blob: Buffer.concat([gzipSync(tar.subarray(0, 4_000_000)), gzipSync(tar.subarray(4_000_000))]),
      mediaType: MEDIA_TYPES.ociLayerGzip,
    })
    await expectLoaded('members', [membered(large()), membered(large()), gzip(large())])
  })

  it('takes layers that are not compressed', async () => {
    await expectLoaded('plain', [plain(large()), plain(large()), plain(tarOf({ a: 'b' }))])
  })

  it('takes a layer that stands in an image twice', async () => {
    const [one, empty] = [gzip(large()), gzip(tarOf({}))]
    await expectLoaded('twice', [one, empty, gzip(large()), one, empty])
  })

  it('takes two images that share their upper layer and not their lower one', async () => {
    const upper = gzip(large())
    const layouts = ['left', 'right'].map((name) => layoutOf(name, [gzip(large()), upper]))
    await install({ targets: layouts, ...inEngine() })
    expect(layersInEngine('left').at(-1)).to.equal(digestOf(upper.tar))
    expect(layersInEngine('right').at(-1)).to.equal(digestOf(upper.tar))
  })

  it('takes of an index the image for this machine, and sends no other', async () => {
    const layout = path.join(folder, 'several')
    const [amd, arm] = makeLayout(layout, [
      { platform: LINUX, layers: [{ files: { amd: 'amd' } }] },
      { platform: { os: 'linux', architecture: 'arm64' }, layers: [{ files: { arm: 3_000_000 } }] },
    ])
    if (!amd || !arm) throw new Error('no images')
    writeIndex(layout, [{ ...addIndex(layout, [amd, arm]), annotations: named('several:1.0') }])
    await install({ targets: [layout], store, allPlatforms: true })
    const { sentBytes } = await load({ names: ['several:1.0'], ...inEngine() })
    expect(sentBytes).to.be.lessThan(1000)
    expect(engine.docker('image', 'inspect', '--format', '{{.Architecture}}', 'several:1.0')).to.equal(
      'amd64\n',
    )
  })

  it('says which layer is not in the store, and leaves no name', async () => {
    const layers = [gzip(large()), gzip(large())]
    await install({ targets: [layoutOf('missing', layers)], store })
    const gone = digestOf(layers[1]?.blob ?? '')
    rmSync(path.join(store, blobPath(gone)))
    const error = await failure(() => load({ names: ['missing:1.0'], ...inEngine() }))
    expectError(error, 'BLOB_MISSING', 'source')
    expect(engine.docker('images', '--format', '{{.Repository}}')).to.not.contain('missing')
  })

  it('refuses a layer whose bytes have changed in the store, and leaves nothing of the image', async () => {
    // A file of a tar that nothing packed: no decoder sees that it is another, and its digest alone says so.
    const layers = [plain(large()), plain(large())]
    await install({ targets: [layoutOf('changed', layers)], store })
    const file = path.join(store, blobPath(digestOf(layers[1]?.blob ?? '')))
    const bytes = readFileSync(file)
    bytes.writeUInt8((bytes.at(2_000_000) ?? 0) ^ 1, 2_000_000)
    rmSync(file)
    writeFileSync(file, bytes)
    const before = engine.docker('images', '-aq')
    const error = await failure(() => load({ names: ['changed:1.0'], ...inEngine() }))
    expectError(error, ['DIGEST_MISMATCH'], 'source')
    expect(engine.docker('images', '-aq').split('\n')).to.have.members(before.split('\n'))
  })

  it('removes nothing of others: an image of somebody else without a name stays', async () => {
    mkdirSync(path.join(folder, 'import'))
    const id = engine.docker('import', '--change', 'LABEL somebody=else', tarFile(tarOf({ a: 'b' }))).trim()
    await expectLoaded('last', [gzip(large()), gzip(large())])
    expect(engine.docker('images', '-aq', '--no-trunc')).to.contain(id)
  })

  function tarFile(tar: Buffer): string {
    const file = path.join(folder, 'import', 'rootfs.tar')
    writeFileSync(file, tar)
    return file
  }
})
