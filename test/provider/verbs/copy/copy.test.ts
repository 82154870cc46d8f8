import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { type Descriptor, digestOf } from '../../../../manifests/index.js'
import { copy, install, type ProgressEvent, save } from '../../../../provider/index.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { type DockerRegistry, startDockerRegistry } from '../../../peers/docker-registry.js'
import { describeWithPeers, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import type { FaultyServer } from '../../registry/faulty-server.js'
import { Repository, startRepository } from '../../registry/repository.js'
import { failure } from '../failure.js'

describeWithPeers(['docker-registry', 'skopeo'], 'copy', () => {
  const temporary = scratch()
  let registry: DockerRegistry
  let source: FaultyServer
  let repository: Repository
  let index: Descriptor
  let store: string
  let count = 0
  let destination: string

  before(async () => {
    registry = await startDockerRegistry()
    source = await startRepository(() => repository)
  })
  after(async () => {
    await registry.stop()
    await source.stop()
  })
  beforeEach(() => {
    repository = new Repository()
    index = repository.index([repository.image('amd64'), repository.image('arm64')], '1.0')
    store = path.join(temporary.folder(), 'store')
    destination = `${registry.host}/site${++count}/app`
    source.seen.length = 0
  })
  afterEach(() => temporary.remove())

  const from = (tag = '1.0'): string => `${source.host}/base/app:${tag}`
  const digestAt = (reference: string): string =>
    digestOf(
      Buffer.from(runPeer('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${reference}`])),
    )

  it('brings all platforms from one registry to another, under the same digests and several tags', async () => {
    const result = await copy({
      image: from(),
      destination,
      tags: ['stable', '1'],
      allPlatforms: true,
      store,
    })
    for (const tag of ['1.0', 'stable', '1']) expect(digestAt(`${destination}:${tag}`)).to.equal(index.digest)
    expect(result.images[0]?.reference).to.equal(`${destination}:1.0`)
    expect(result.images[0]?.tags).to.have.length(3)
    expect(result.reusedBytes).to.equal(0)
    // Engines read it.
    runPeer('skopeo', [
      'inspect',
      '--tls-verify=false',
      '--override-arch',
      'arm64',
      `docker://${destination}:1`,
    ])
  })

  it('brings one platform where nothing else is asked for, and the one that is', async () => {
    const { images } = await copy({
      image: from(),
      destination: `${destination}:a`,
      platform: 'linux/arm64',
      store,
    })
    expect(images[0]?.digest).to.equal(digestAt(`${destination}:a`))
    expect(digestAt(`${destination}:a`)).not.to.equal(index.digest)
  })

  it('takes signatures and bills of materials along, and leaves them where they are not wanted', async () => {
    const sbom = repository.artifact(index, 'what is in it')
    const { images } = await copy({ image: from(), destination, allPlatforms: true, store })
    expect(images[0]?.artifacts?.map(({ digest }) => digest)).to.deep.equal([sbom.digest])
    expect(digestAt(`${destination}@${sbom.digest}`)).to.equal(sbom.digest)
    const alone = await copy({
      image: from(),
      destination: `${destination}/alone`,
      allPlatforms: true,
      noReferrers: true,
      store,
    })
    expect(alone.images[0]?.artifacts).to.equal(undefined)
  })

  it('mounts what another repository of the same registry has, and sends it no more', async () => {
    await copy({ image: from(), destination, allPlatforms: true, store })
    const result = await copy({
      image: `${destination}:1.0`,
      destination: `${destination}/again`,
      allPlatforms: true,
      store,
    })
    expect(digestAt(`${destination}/again:1.0`)).to.equal(index.digest)
    expect(result.mountedBytes).to.be.greaterThan(0)
    const documents = result.images[0]?.size ?? 0
    expect(result.sentBytes + result.mountedBytes).to.equal(documents)
    const blobs = [...repository.blobs.values()].reduce((sum, { length }) => sum + length, 0)
    expect(result.mountedBytes).to.equal(blobs)
  })

  it('sends nothing where all is there', async () => {
    await copy({ image: from(), destination, allPlatforms: true, store })
    const result = await copy({ image: from(), destination, allPlatforms: true, store })
    expect(result).to.include({ sentBytes: 0, mountedBytes: 0, reusedBytes: result.images[0]?.size })
  })

  it('writes nothing here on the way', async () => {
    await copy({ image: from(), destination, allPlatforms: true, store })
    const written = existsSync(store) ? readdirSync(store, { recursive: true }) : []
    expect(written.filter((name) => String(name).includes('sha256'))).to.deep.equal([])
  })

  it('says what it would send, and sends nothing', async () => {
    const { images, sentBytes } = await copy({
      image: from(),
      destination,
      allPlatforms: true,
      whatIf: true,
      store,
    })
    expect(images[0]?.wouldSend?.bytes).to.equal(sentBytes)
    expect(sentBytes).to.equal(images[0]?.size)
    expect(() => digestAt(`${destination}:1.0`)).to.throw()
  })

  it('takes an archive, a media, a store by its path, and what is installed', async () => {
    const folder = path.join(temporary.folder(), 'layout')
    const [made] = makeLayout(folder, [{ refName: 'debian:12.5', layers: [{ files: { a: 'a' } }] }])
    await install({ targets: [folder], store })
    const archive = path.join(temporary.folder(), 'd.tar')
    const media = path.join(temporary.folder(), 'media')
    await save({ names: [folder], path: archive, store })
    await save({ names: [folder], path: media, format: 'media', force: true, store })
    for (const [i, image] of [folder, archive, media, store, 'debian:12.5', 'debian'].entries()) {
      const { images } = await copy({ image, destination: `${destination}:as-${i}`, store })
      expect(images[0]?.digest, image).to.equal(made?.digest)
      expect(digestAt(`${destination}:as-${i}`), image).to.equal(made?.digest)
    }
  })

  it('gives the tag that it has at its source where the destination has none', async () => {
    const folder = path.join(temporary.folder(), 'layout')
    makeLayout(folder, [{ refName: 'debian:12.5', layers: [{ files: { a: 'a' } }] }])
    const { images } = await copy({ image: folder, destination, store })
    expect(images[0]?.reference).to.equal(`${destination}:12.5`)
  })

  it('refuses several images for one name, other digests, and paths as destinations', async () => {
    const folder = path.join(temporary.folder(), 'layout')
    makeLayout(folder, [
      { refName: 'debian:12.5', layers: [{ files: { a: 'a' } }] },
      { refName: 'alpine:3', layers: [{ files: { a: 'b' } }] },
    ])
    await failure(copy({ image: folder, destination, store }), 'AMBIGUOUS_NAME')
    const other = `${destination}@sha256:${'0'.repeat(64)}`
    await failure(copy({ image: from(), destination: other, allPlatforms: true, store }), 'DIGEST_MISMATCH')
    for (const path of ['./usb', 'usb', '/usb/x.tar', 'debian:12.5'])
      await failure(copy({ image: from(), destination: path, store }), 'INVALID_REFERENCE')
    expect(() => digestAt(`${destination}:12.5`)).to.throw()
  })

  it('gives no tag to what is named by its digest', async () => {
    const { images } = await copy({
      image: from(),
      destination: `${destination}@${index.digest}`,
      allPlatforms: true,
      store,
    })
    expect(images[0]?.tags).to.deep.equal([])
    expect(digestAt(`${destination}@${index.digest}`)).to.equal(index.digest)
  })

  it('copies every tag, goes on past one that is broken, and tells at the end', async () => {
    repository.image('s390x', '2.0', 'latest')
    repository.tags.set('broken', `sha256:${'c'.repeat(64)}`)
    const result = await copy({
      image: `${source.host}/base/app`,
      destination,
      allTags: true,
      allPlatforms: true,
      store,
    })
    expect(result.images.map(({ tags }) => tags[0]?.split(':').at(-1))).to.deep.equal([
      '1.0',
      '2.0',
      'latest',
    ])
    expect(result.failed?.map(({ name, code }) => [name, code])).to.deep.equal([
      [from('broken'), 'NOT_FOUND'],
    ])
    expect(digestAt(`${destination}:1.0`)).to.equal(index.digest)
    expect(digestAt(`${destination}:latest`)).to.equal(digestAt(`${destination}:2.0`))
  })

  it('tells of its progress', async () => {
    const seen: ProgressEvent[] = []
    const onProgress = (event: ProgressEvent): void => void seen.push(event)
    await copy({ image: from(), destination, allPlatforms: true, store, onProgress })
    expect(seen.some((event) => event.type === 'begin' && event.task.startsWith('Copying '))).to.equal(true)
    expect(seen.some((event) => event.type === 'bytes')).to.equal(true)
  })

  it('keeps an index within an index', async () => {
    const inner = repository.index([repository.image('ppc64le')])
    const outer = repository.index([inner, repository.image('riscv64')], 'nested')
    await copy({ image: from('nested'), destination, allPlatforms: true, store })
    expect(digestAt(`${destination}:nested`)).to.equal(outer.digest)
  })
})
