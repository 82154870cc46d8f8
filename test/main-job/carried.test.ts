import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import {
  blobPath,
  configBytes,
  type Descriptor,
  digestOf,
  LAYOUT_BYTES,
  MEDIA_TYPES,
  manifestBytes,
} from '../../manifests/index.js'
import { get, install, save, verify } from '../../provider/index.js'
import { debianRootfs } from '../fixtures/debian.js'
import { addBlob, tarOf, writeIndex } from '../fixtures/layout.js'
import { describeWithPeers, runPeer } from '../peers/peers.js'
import { blobBytes } from '../provider/verbs/on-disk.js'
import { scratch } from '../scratch.js'

const VERSIONS = ['12.4', '12.5', '12.6']

describeWithPeers(['mmdebstrap', 'skopeo', 'par2'], 'three Debian images that share a base, carried', () => {
  const temporary = scratch()
  let layouts: string[]
  let distinct: number
  let store: string

  before(async () => {
    const rootfs = readFileSync(await debianRootfs())
    const folder = temporary.folder()
    layouts = VERSIONS.map((version) => path.join(folder, version))
    const sizes = new Map<string, number>()
    for (const [i, layout] of layouts.entries()) makeImage(layout, VERSIONS[i] ?? '', rootfs)
    for (const layout of layouts)
      for (const hex of readdirSync(path.join(layout, 'blobs/sha256')))
        sizes.set(hex, statSync(path.join(layout, 'blobs/sha256', hex)).size)
    distinct = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  })
  beforeEach(() => {
    store = path.join(temporary.folder(), 'store')
  })
  after(() => temporary.remove())

  /** The base as it is, and a layer of its own that says the version. */
  function makeImage(layout: string, version: string, rootfs: Buffer): void {
    mkdirSync(path.join(layout, 'blobs/sha256'), { recursive: true })
    const own = tarOf({ 'etc/debian_version': `${version}\n` })
    const layers = [rootfs, own].map((tar) => addBlob(layout, MEDIA_TYPES.ociLayer, tar))
    const rootfsOf = { type: 'layers' as const, diff_ids: [rootfs, own].map((tar) => digestOf(tar)) }
    const config = addBlob(
      layout,
      MEDIA_TYPES.ociConfig,
      configBytes({
        os: 'linux',
        architecture: 'amd64',
        created: '2024-02-11T00:00:00Z',
        rootfs: rootfsOf,
      }),
    )
    const manifest = { schemaVersion: 2 as const, mediaType: MEDIA_TYPES.ociManifest, config, layers }
    const root: Descriptor = addBlob(layout, MEDIA_TYPES.ociManifest, manifestBytes(manifest))
    writeIndex(layout, [
      { ...root, annotations: { 'org.opencontainers.image.ref.name': `debian:${version}` } },
    ])
    writeFileSync(path.join(layout, 'oci-layout'), LAYOUT_BYTES)
  }

  function damage(file: string): void {
    const fd = openSync(file, 'r+')
    writeSync(fd, 'damaged', 5_000_000)
    closeSync(fd)
  }

  it('take on one media what they are, and less than a megabyte besides', async () => {
    const stick = temporary.folder()
    await save({ names: layouts, path: stick })
    const bytes = (readdirSync(stick, { recursive: true, encoding: 'utf8' }) as string[])
      .map((name) => statSync(path.join(stick, name)))
      .reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0)
    expect(blobBytes(stick)).to.equal(distinct)
    expect(bytes - distinct).to.be.lessThan(1_000_000)
    for (const version of VERSIONS) {
      const { Digest } = JSON.parse(runPeer('skopeo', ['inspect', `oci:${stick}:debian:${version}`]))
      expect(readFileSync(path.join(stick, blobPath(Digest))).length).to.be.greaterThan(0)
    }
    await install({ targets: [stick], store })
    expect((await verify({ store })).problems).to.deep.equal([])
    const latest = (await get({ store })).find((image) => image.tag === 'latest')
    expect(latest?.version).to.equal('12.6')
  })

  it('come through in volumes of which one is lost and one is damaged', async () => {
    const stick = temporary.folder()
    const { files } = await save({
      names: [layouts[1] ?? ''],
      path: stick,
      volumeSize: 10_000_000,
      recovery: 0.2,
    })
    const volumes = files.map((file) => file.path).filter((file) => file.endsWith('.tar'))
    expect(volumes.length).to.be.greaterThan(4)
    rmSync(volumes[1] ?? '')
    damage(volumes[3] ?? '')
    await install({ targets: [stick], store })
    expect((await verify({ store })).problems).to.deep.equal([])
    const { Digest } = JSON.parse(runPeer('skopeo', ['inspect', `oci:${store}:debian:latest`]))
    expect((await get({ store }))[0]?.digest).to.equal(Digest)
    runPeer('par2', ['repair', path.join(stick, 'debian-12-5.par2')])
    expect((await verify({ paths: [stick] })).problems).to.deep.equal([])
  })
})
