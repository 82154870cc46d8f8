import path from 'node:path'
import { expect } from 'chai'
import { get, install, save } from '../../../../provider/index.js'
import { scratch } from '../../../scratch.js'
import type { FaultyServer } from '../../registry/faulty-server.js'
import { Repository, startRepository } from '../../registry/repository.js'
import { failure } from '../failure.js'

describe('a name in the catalog with a digest', () => {
  const temporary = scratch()
  let server: FaultyServer
  let repository: Repository
  let folder: string

  before(async () => {
    server = await startRepository(() => repository)
  })
  after(() => server.stop())
  beforeEach(() => {
    repository = new Repository()
    for (const tag of ['1.0', '2.0', '3.0']) repository.image('amd64', tag)
    folder = temporary.folder()
  })
  afterEach(() => temporary.remove())

  const digest = (): string => repository.tags.get('2.0') ?? ''
  const request = () => ({
    source: `http://${server.host}`,
    insecure: true,
    platform: 'linux/amd64',
    store: path.join(folder, 'store'),
  })

  for (const name of ['base/app', 'base/app:1.0', 'base/app:other'])
    it(`means the image of that digest in its registry: ${name}`, async () => {
      const file = path.join(folder, 'app.tar')
      const { images } = await save({ ...request(), names: [`${name}@${digest()}`], path: file })
      expect(images.map((image) => image.digest)).to.deep.equal([digest()])
      await install({ ...request(), targets: [`${name}@${digest()}`] })
      expect((await get({ store: request().store })).map((row) => row.digest)).to.deep.equal([digest()])
    })

  it('is told whole where no source has the name', async () => {
    const name = `nothing@${digest()}`
    const error = await failure(install({ ...request(), targets: [name] }), 'NO_MATCH')
    expect(error.message).to.contain(`'${name}'`)
  })

  it('is not found where the registry has no such image', async () => {
    const targets = [`base/app@sha256:${'d'.repeat(64)}`]
    await failure(install({ ...request(), targets }), 'NOT_FOUND')
  })
})
