import path from 'node:path'
import { expect } from 'chai'
import { find, install, push, save } from '../../../provider/index.js'
import { AMD64, ARM64, indexed, packed, S390X } from '../../fixtures/indexed-layouts.js'
import { inspectImages } from '../../fixtures/inspect-images.js'
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
})
