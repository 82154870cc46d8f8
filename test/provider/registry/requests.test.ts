import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { install, pull, save } from '../../../provider/index.js'
import { describeWithPeers, peer } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { type FaultyServer, startFaultyServer } from './faulty-server.js'
import { Repository } from './repository.js'

/** Docker Hub and others count each GET of a manifest. */
describe('what an image of a registry is asked for', () => {
  const temporary = scratch()
  let server: FaultyServer
  let repository: Repository
  let folder: string

  before(async () => {
    server = await startFaultyServer((request, response) =>
      repository.answer(request.url.replace('/v2/base/app/', ''), request, response),
    )
  })
  after(() => server.stop())
  beforeEach(() => {
    server.seen.length = 0
    folder = temporary.folder()
    repository = new Repository()
    repository.hasReferrersApi = false
    repository.index(
      [repository.image('amd64'), repository.image('arm64'), repository.image('riscv64')],
      '1.0',
    )
  })
  afterEach(() => temporary.remove())

  const reference = (): string => `${server.host}/base/app:1.0`
  const gets = (): string[] =>
    server.seen
      .filter(({ method, url }) => method === 'GET' && url.includes('/manifests/'))
      .map(({ url }) => url)
  const platform = 'linux/amd64'

  for (const [verb, run] of [
    ['install', (store: string) => install({ targets: [reference()], store, platform })],
    ['pull', (store: string) => pull({ references: [reference()], store, platform })],
    [
      'save',
      (media: string) =>
        save({
          names: [reference()],
          path: media,
          format: 'media',
          force: true,
          platform,
          store: path.join(folder, 'none'),
        }),
    ],
  ] as const)
    it(`in ${verb} is its index and its manifest once, and its index alone when nothing changed`, async () => {
      const place = path.join(folder, 'place')
      await run(place)
      expect(gets()).to.have.length(2)
      const twice = server.seen.map(({ method, url }) => `${method} ${url}`)
      expect(twice).to.deep.equal([...new Set(twice)])
      server.seen.length = 0
      await run(place)
      expect(gets()).to.deep.equal(['/v2/base/app/manifests/1.0'])
    })

  it('is asked again where what is here is damaged', async () => {
    const store = path.join(folder, 'store')
    const { images } = await install({ targets: [reference()], store, platform })
    const hex = images[0]?.digest.slice('sha256:'.length) ?? ''
    writeFileSync(path.join(store, 'blobs/sha256', hex), '{}')
    server.seen.length = 0
    await install({ targets: [reference()], store, platform, force: true })
    expect(gets()).to.have.length(2)
  })

  describeWithPeers(['skopeo'], 'beside skopeo', () => {
    it('is no more than skopeo asks for', async () => {
      const target = `dir:${path.join(folder, 'theirs')}`
      const words = ['copy', '--quiet', '--src-tls-verify=false', `docker://${reference()}`, target]
      await promisify(execFile)(peer('skopeo') ?? '', words)
      const theirs = { manifests: gets().length, all: server.seen.length }
      server.seen.length = 0
      await pull({ references: [reference()], store: path.join(folder, 'store'), noReferrers: true })
      expect(theirs.manifests).to.be.greaterThan(0)
      expect(gets().length).to.be.at.most(theirs.manifests)
      expect(server.seen.length).to.be.at.most(theirs.all)
    })
  })
})
