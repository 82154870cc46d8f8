import path from 'node:path'
import { expect } from 'chai'
import { copy, install, pull, save } from '../../../../provider/index.js'
import { restoreEnvironment } from '../../../environment.js'
import { scratch } from '../../../scratch.js'
import { type FaultyServer, startFaultyServer } from '../../registry/faulty-server.js'
import { Repository } from '../../registry/repository.js'
import { failure } from '../failure.js'

describe('an index of a registry that is not all there', () => {
  const temporary = scratch()
  const environment = { ...process.env }
  let server: FaultyServer
  let folder: string
  let repository: Repository

  before(async () => {
    server = await startFaultyServer((request, response) =>
      repository.answer(request.url.replace(/^\/v2\/(base|site)\/app\//, ''), request, response),
    )
  })
  after(async () => {
    restoreEnvironment(environment)
    await server.stop()
  })
  beforeEach(() => {
    folder = temporary.folder()
    // A document that an earlier test has fetched would stand in for the one that is not there.
    process.env.XDG_DATA_HOME = path.join(folder, 'data')
    process.env.LOCALAPPDATA = path.join(folder, 'data')
    repository = new Repository()
  })
  afterEach(() => temporary.remove())

  const reference = (): string => `${server.host}/base/app:1.0`
  const whole: (() => Promise<unknown>)[] = [
    () => save({ names: [reference()], path: path.join(folder, 'a.tar'), allPlatforms: true }),
    () => save({ names: [reference()], path: folder, format: 'media', allPlatforms: true, force: true }),
    () => install({ targets: [reference()], store: path.join(folder, 'store'), allPlatforms: true }),
    () => copy({ image: reference(), destination: `${server.host}/site/app`, allPlatforms: true }),
  ]

  it('is refused by the platform that the registry lacks, and taken for the others', async () => {
    const gone = repository.image('riscv64')
    repository.index([repository.image('amd64'), gone], '1.0')
    repository.manifests.delete(gone.digest)
    for (const work of whole) {
      const error = await failure(work(), 'NOT_FOUND')
      expect(error.message).to.contain('linux/riscv64')
      expect(error.remedy).to.contain('platform')
    }
    const { images } = await save({
      names: [reference()],
      path: path.join(folder, 'one.tar'),
      platform: 'linux/amd64',
    })
    expect(images[0]?.platform).to.equal('linux/amd64')
  })

  it('is refused by its digest where it does not say the platform, or lacks an index within', async () => {
    const { platform: _, ...bare } = repository.image('riscv64')
    const inner = repository.index([repository.image('arm64')])
    for (const gone of [bare, inner]) {
      repository.index([repository.image('amd64'), gone], '1.0')
      const kept = repository.manifests.get(gone.digest)
      repository.manifests.delete(gone.digest)
      const error = await failure(
        save({ names: [reference()], path: path.join(folder, 'b.tar'), allPlatforms: true }),
        'NOT_FOUND',
      )
      expect(error.message).to.contain(gone.digest)
      if (kept) repository.manifests.set(gone.digest, kept)
    }
  })

  it('is no image where it lists none', async () => {
    repository.index([], '1.0')
    const pulled = () => pull({ references: [reference()], store: path.join(folder, 'pulled') })
    for (const work of [...whole, pulled]) {
      const error = await failure(work(), 'PLATFORM_NOT_FOUND')
      expect(error.message).to.contain('lists no image')
      expect(error.remedy).not.to.contain('platform')
    }
  })
})
