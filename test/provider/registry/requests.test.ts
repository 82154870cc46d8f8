import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { inspect, install, pull, save } from '../../../provider/index.js'
import { restoreEnvironment } from '../../environment.js'
import { describeWithPeers, peer } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { failure } from '../verbs/failure.js'
import { type FaultyServer, startFaultyServer } from './faulty-server.js'
import { Repository } from './repository.js'

/** Docker Hub and others count each GET of a manifest. */
describe('what an image of a registry is asked for', () => {
  const temporary = scratch()
  let server: FaultyServer
  let repository: Repository
  let folder: string
  let isWithoutHead = false

  before(async () => {
    server = await startFaultyServer((request, response) =>
      isWithoutHead && request.method === 'HEAD'
        ? response.writeHead(405).end()
        : repository.answer(request.url.replace('/v2/base/app/', ''), request, response),
    )
  })
  after(() => server.stop())
  const environment = { ...process.env }
  beforeEach(() => {
    server.seen.length = 0
    folder = temporary.folder()
    process.env.XDG_DATA_HOME = path.join(folder, 'data')
    process.env.LOCALAPPDATA = process.env.XDG_DATA_HOME
    isWithoutHead = false
    repository = new Repository()
    repository.hasReferrersApi = false
    repository.index(
      [repository.image('amd64'), repository.image('arm64'), repository.image('riscv64')],
      '1.0',
    )
  })
  afterEach(() => {
    restoreEnvironment(environment)
    temporary.remove()
  })

  const reference = (): string => `${server.host}/base/app:1.0`
  const gets = (): string[] =>
    server.seen
      .filter(({ method, url }) => method === 'GET' && url.includes('/manifests/'))
      .map(({ url }) => url)
  const heads = (): string[] =>
    server.seen
      .filter(({ method, url }) => method === 'HEAD' && url.includes('/manifests/'))
      .map(({ url }) => url)
  const platform = 'linux/amd64'
  let files = 0

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
    [
      'save into one file',
      (place: string) =>
        save({
          names: [reference()],
          path: `${place}-${++files}.tar`,
          platform,
          store: path.join(folder, 'none'),
        }),
    ],
  ] as const) {
    it(`in ${verb} is its index and its manifest once, and nothing but a HEAD when nothing changed`, async () => {
      const place = path.join(folder, 'place')
      await run(place)
      expect(gets()).to.have.length(2)
      const twice = server.seen.map(({ method, url }) => `${method} ${url}`)
      expect(twice).to.deep.equal([...new Set(twice)])
      server.seen.length = 0
      await run(place)
      expect(gets()).to.deep.equal([])
      expect(heads()).to.deep.equal(['/v2/base/app/manifests/1.0'])
    })

    it(`in ${verb} is its index alone where a registry knows no HEAD`, async () => {
      const place = path.join(folder, 'place')
      await run(place)
      server.seen.length = 0
      isWithoutHead = true
      await run(place)
      expect(gets()).to.deep.equal(['/v2/base/app/manifests/1.0'])
    })

    it(`in ${verb} is what is new where the tag has moved`, async () => {
      const place = path.join(folder, 'place')
      await run(place)
      server.seen.length = 0
      const moved = repository.index([repository.image('amd64'), repository.image('s390x')], '1.0')
      await run(place)
      // The image for this platform is the same.
      expect(gets()).to.deep.equal(['/v2/base/app/manifests/1.0'])
      expect(repository.tags.get('1.0')).to.equal(moved.digest)
    })
  }

  it('is asked for by its digest where only an earlier run had it, and not where the registry has it no more', async () => {
    const digest = repository.tags.get('1.0') ?? ''
    const asked = () =>
      inspect({ names: [`${server.host}/base/app@${digest}`], store: path.join(folder, 'none') })
    await asked()
    server.seen.length = 0
    await asked()
    expect(gets()).to.deep.equal([])
    repository.manifests.delete(digest)
    await failure(asked(), 'NOT_FOUND')
  })

  it('is written nowhere with what-if', async () => {
    await pull({ references: [reference()], store: path.join(folder, 'store'), platform, whatIf: true })
    expect(existsSync(path.join(folder, 'data'))).to.equal(false)
  })

  it('is fetched again where what an earlier run kept is damaged', async () => {
    const target = (i: number) => ({
      names: [reference()],
      path: path.join(folder, `${i}.tar`),
      platform,
      store: path.join(folder, 'none'),
    })
    await save(target(1))
    const kept = path.join(folder, 'data', 'containerimage', 'documents')
    for (const name of readdirSync(kept))
      if (!name.startsWith('tag-')) writeFileSync(path.join(kept, name), '{}')
    server.seen.length = 0
    await save(target(2))
    expect(gets()).to.have.length(2)
    expect(
      readFileSync(path.join(folder, '1.tar')).equals(readFileSync(path.join(folder, '2.tar'))),
    ).to.equal(true)
  })

  it('mends what is damaged here', async () => {
    const store = path.join(folder, 'store')
    const { images } = await install({ targets: [reference()], store, platform })
    const hex = images[0]?.digest.slice('sha256:'.length) ?? ''
    writeFileSync(path.join(store, 'blobs/sha256', hex), '{}')
    server.seen.length = 0
    await install({ targets: [reference()], store, platform, force: true })
    expect(readFileSync(path.join(store, 'blobs/sha256', hex)).length).to.be.greaterThan(2)
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
