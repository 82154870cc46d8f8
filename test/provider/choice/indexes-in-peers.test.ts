import path from 'node:path'
import { expect } from 'chai'
import { find, install, load, push, save } from '../../../provider/index.js'
import {
  AMD64,
  ARM64,
  indexed,
  manifestsIn,
  packed,
  S390X,
  withoutLayers,
} from '../../fixtures/indexed-layouts.js'
import { inspectImages } from '../../fixtures/inspect-images.js'
import { readIndex } from '../../fixtures/layout.js'
import { TestContainerd } from '../../peers/containerd.js'
import { type DockerRegistry, startDockerRegistry } from '../../peers/docker-registry.js'
import { describeWithPeers } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { failure } from '../verbs/failure.js'

describeWithPeers(['docker-registry'], 'an index inside an index, in a registry', () => {
  const temporary = scratch()
  let registry: DockerRegistry
  let store: string
  let reference: string

  before(async () => {
    registry = await startDockerRegistry()
    const archive = packed(indexed(temporary.folder(), [AMD64, ARM64, S390X], { levels: 3 }))
    await push({ names: [archive], registry: `http://${registry.host}`, noLatest: true })
    reference = `${registry.host}/multi:1.0`
  })
  after(async () => {
    await registry?.stop()
    temporary.remove()
  })
  beforeEach(() => {
    store = path.join(temporary.folder(), 'store')
  })

  it('is looked through for the platform that is meant', async () => {
    for (const platform of ['linux/s390x', 'linux/arm64']) {
      const { images } = await install({ targets: [reference], store, platform })
      expect(images.map((image) => image.platform)).to.deep.equal([platform])
      const found = await find({ names: [reference], platform })
      expect(found.images.map(({ architecture }) => architecture)).to.deep.equal([platform.split('/')[1]])
    }
  })

  it('says which platforms there are', async () => {
    const error = await failure(
      install({ targets: [reference], store, platform: 'linux/riscv64' }),
      'PLATFORM_NOT_FOUND',
    )
    expect(error.found).to.equal('linux/amd64, linux/arm64, linux/s390x')
  })

  it('is saved with all of its images, for engines as the one that is meant', async () => {
    const target = path.join(temporary.folder(), 'saved.tar')
    await save({ names: [reference], path: target, allPlatforms: true })
    const [image] = await inspectImages({ names: [target], platform: 'linux/arm64' })
    expect(image?.platform).to.equal('linux/arm64')
  })

  it('is pushed as the image that is there, where the others are not', async () => {
    const made = indexed(temporary.folder(), [S390X], { absent: [AMD64, ARM64], levels: 2 })
    const [there] = manifestsIn(made).map(({ entry }) => entry.digest)
    const place = `http://${registry.host}/part`
    const { images } = await push({ names: [packed(made)], registry: place, noLatest: true })
    expect(images.map(({ digest }) => digest)).to.deep.equal([there])
    const fetched = await install({
      targets: [`${registry.host}/part/multi:1.0`],
      store,
      platform: 'linux/s390x',
    })
    expect(fetched.images.map(({ digest }) => digest)).to.deep.equal([there])
  })
})

describeWithPeers(['containerd', 'ctr'], 'an index of which a part is there, in containerd', () => {
  const temporary = scratch()
  let containerd: TestContainerd

  before(async () => {
    containerd = await new TestContainerd().start()
  })
  after(async () => {
    await containerd?.stop()
    temporary.remove()
  })

  it('is loaded as the image that is there, which is found by the digest of the index too', async () => {
    const made = indexed(temporary.folder(), [AMD64], { absent: [ARM64, S390X] })
    const [index] = readIndex(made)
    const engine = { engine: 'containerd' as const, engineAddress: containerd.address }
    const store = path.join(temporary.folder(), 'store')
    const { images } = await load({ names: [packed(made)], ...engine, store })
    expect(images.map(({ platform }) => platform)).to.deep.equal(['linux/amd64'])
    const names = containerd.ctr('images', 'ls', '-q').split('\n')
    expect(names).to.include.members([
      'docker.io/library/multi:1.0',
      `docker.io/library/multi@${index?.digest}`,
    ])
  })

  it('is what containerd itself has of an image of several platforms', async () => {
    const made = withoutLayers(indexed(temporary.folder(), [AMD64, ARM64, S390X]), ARM64)
    containerd.ctr('images', 'import', '--platform', 'linux/amd64', packed(made))
    containerd.ctr('images', 'tag', 'multi:1.0', 'docker.io/library/fetched:1.0')
    const notes: string[] = []
    const target = path.join(temporary.folder(), 'saved.tar')
    const { images } = await save({
      names: ['docker.io/library/fetched:1.0'],
      source: `containerd:${containerd.address}`,
      path: target,
      allPlatforms: true,
      onProgress: (event) => void (event.type === 'note' && notes.push(event.message)),
    })
    expect(images.map(({ platform }) => platform)).to.include('linux/amd64')
    expect(images.map(({ platform }) => platform)).to.not.include('linux/arm64')
    expect(notes.join()).to.contain('linux/arm64')
  })
})
