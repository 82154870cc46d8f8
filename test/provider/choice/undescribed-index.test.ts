import path from 'node:path'
import { expect } from 'chai'
import { type Descriptor, MEDIA_TYPES } from '../../../manifests/index.js'
import { inspect, install, save } from '../../../provider/index.js'
import { folderAndStore } from '../../fixtures/folder-and-store.js'
import type { FaultyServer } from '../registry/faulty-server.js'
import { Repository, startRepository } from '../registry/repository.js'
import { failure } from '../verbs/failure.js'

/** Some builders put images into an index and say nothing of their machines; containerd asks the configs then. */
describe('an index in a registry that does not say for what machines its images are', () => {
  const at = folderAndStore()
  let server: FaultyServer
  let repository: Repository

  before(async () => {
    server = await startRepository(() => repository)
  })
  after(() => server.stop())
  beforeEach(() => {
    repository = new Repository()
    server.seen.length = 0
  })

  const reference = (): string => `${server.host}/base/app:1.0`
  const silent = ({ platform: _, ...entry }: Descriptor): Descriptor => entry
  const installed = async (platform?: string) =>
    (await install({ targets: [reference()], store: at.store, platform })).images
  const manifestsAsked = () =>
    server.seen.filter(({ method, url }) => method === 'GET' && url.includes('/manifests/sha256:')).length

  it('is asked for what their configs say', async () => {
    const [amd64, arm64] = ['amd64', 'arm64'].map((one) => silent(repository.image(one)))
    repository.index([amd64 as Descriptor, arm64 as Descriptor], '1.0')
    for (const [platform, image] of [
      ['linux/arm64', arm64],
      ['linux/amd64', amd64],
    ] as const) {
      const images = await installed(platform)
      expect(images.map(({ digest, platform }) => [digest, platform])).to.deep.equal([
        [image?.digest, platform],
      ])
    }
  })

  it('can be saved for one machine, and looked at', async () => {
    repository.index(
      ['arm64', 'amd64'].map((one) => silent(repository.image(one))),
      '1.0',
    )
    const file = path.join(at.folder, 'app.tar')
    const { images } = await save({ names: [reference()], platform: 'linux/amd64', path: file })
    expect(images.map(({ platform }) => platform)).to.deep.equal(['linux/amd64'])
    expect((await install({ targets: [file], store: at.store })).images).to.have.length(1)
    const other = path.join(at.folder, 'other')
    const [shown] = await inspect({ names: [reference()], platform: 'linux/arm64', store: other })
    expect(shown).to.deep.include({ platform: 'linux/arm64' })
  })

  // Documents are kept between runs: these are machines that no other test has.
  it('has an image among those it describes without asking the others', async () => {
    const described = repository.image('mips')
    repository.index(
      [silent(repository.image('loong64')), described, silent(repository.image('mips64'))],
      '1.0',
    )
    expect((await installed('linux/mips')).map(({ digest }) => digest)).to.deep.equal([described.digest])
    expect(manifestsAsked()).to.equal(1)
    expect((await installed('linux/mips64')).map(({ platform }) => platform)).to.deep.equal(['linux/mips64'])
  })

  it('leaves out what it names and has not', async () => {
    const gone = silent(repository.image('mips64le'))
    repository.manifests.delete(gone.digest)
    repository.index([gone, silent(repository.image('arm64'))], '1.0')
    expect((await installed('linux/arm64')).map(({ platform }) => platform)).to.deep.equal(['linux/arm64'])
    const error = await failure(installed('linux/mips64le'), 'PLATFORM_NOT_FOUND')
    expect(error.found).to.contain('linux/arm64').and.to.contain(gone.digest)
    expect(error.remedy).to.contain('@sha256:')
    expect(error.details).to.deep.include({ platforms: ['linux/arm64'], withoutPlatform: [gone.digest] })
  })

  it('names the machines that there are where none of them is the one that is wanted', async () => {
    repository.index(
      ['arm64', 'amd64'].map((one) => silent(repository.image(one))),
      '1.0',
    )
    const error = await failure(installed('linux/riscv64'), 'PLATFORM_NOT_FOUND')
    expect(error.found).to.equal('linux/arm64, linux/amd64')
    expect(error.details).to.deep.equal({ platforms: ['linux/arm64', 'linux/amd64'] })
  })

  it('is taken whole for one of its own machines', async () => {
    const root = repository.index(
      [silent(repository.image('s390x')), silent(repository.image('ppc64le'))],
      '1.0',
    )
    const [image] = (await install({ targets: [reference()], store: at.store, allPlatforms: true })).images
    expect(image).to.deep.include({ digest: root.digest, platform: 'linux/s390x' })
  })

  it('may name other things beside images', async () => {
    const artifact = repository.artifact(undefined, 'a list of packages')
    const other = repository.blob('text', 'text/plain')
    repository.index(
      [
        artifact,
        { ...other, mediaType: MEDIA_TYPES.ociLayer },
        silent(repository.image('arm64')),
        silent(repository.image('amd64')),
      ],
      '1.0',
    )
    expect((await installed('linux/amd64')).map(({ platform }) => platform)).to.deep.equal(['linux/amd64'])
  })
})
