import path from 'node:path'
import { expect } from 'chai'
import type { Descriptor } from '../../../manifests/index.js'
import { install, type ProgressEvent, pull, push, save } from '../../../provider/index.js'
import { scratch } from '../../scratch.js'
import { type FaultyServer, json, type Seen, startFaultyServer } from './faulty-server.js'
import { failure } from './reading.js'
import { Repository, SBOM } from './repository.js'

describe('what goes with an image of a registry', () => {
  let server: FaultyServer
  const temporary = scratch()
  let folder: string
  let repository: Repository
  let otherwise: (path: string, request: Seen) => number | undefined
  const notes: string[] = []
  const onProgress = (event: ProgressEvent): void => {
    if (event.type === 'note') notes.push(event.message)
  }

  before(async () => {
    server = await startFaultyServer((request, response) => {
      const rest = request.url.replace('/v2/base/app/', '')
      const status = otherwise(rest, request)
      if (status !== undefined) return json(response, status, { errors: [{ code: 'NO' }] })
      return repository.answer(rest, request, response)
    })
  })
  after(() => server.stop())
  beforeEach(() => {
    folder = temporary.folder()
    repository = new Repository()
    server.seen.length = 0
    notes.length = 0
    otherwise = () => undefined
  })
  afterEach(() => temporary.remove())

  const reference = (): string => `${server.host}/base/app:1.0`
  const store = (): string => path.join(folder, 'store')
  const tagOf = ({ digest }: Descriptor): string => digest.replace(':', '-')

  it('goes along from every platform, nested ones too, and from what goes along itself', async () => {
    const [amd, arm, s390x] = ['amd64', 'arm64', 's390x'].map((name) => repository.image(name))
    if (!amd || !arm || !s390x) throw new Error('no images')
    const inner = repository.index([s390x])
    const index = repository.index([amd, arm, inner], '1.0')
    const bill = repository.artifact(s390x, 'about the nested one')
    const all = [
      repository.artifact(index, 'about the index'),
      repository.artifact(inner, 'about the index in it'),
      bill,
      repository.artifact(bill, 'about what goes along'),
      repository.artifact(undefined, 'signed', `${tagOf(arm)}.sig`),
      repository.artifact(undefined, 'listed', `${tagOf(s390x)}.sbom`),
    ]
    const file = path.join(folder, 'all.tar')
    const wanted = all.map(({ digest }) => digest)
    const { images } = await save({ names: [reference()], path: file, allPlatforms: true, onProgress })
    expect(images[0]?.artifacts?.map(({ digest }) => digest)).to.have.members(wanted)
    const installed = await install({ targets: [file], store: store(), allPlatforms: true })
    expect(installed.images).to.have.length(1)
    expect(installed.images[0]?.artifacts?.map(({ digest }) => digest)).to.have.members(wanted)
    expect(notes).to.deep.equal([])
  })

  it('ends where it refers to each other further than anybody means', async () => {
    let last = repository.image('amd64', '1.0')
    for (let i = 0; i < 12; i++) last = repository.artifact(last, `about number ${i}`)
    const { images } = await install({ targets: [reference()], store: store() })
    expect(images[0]?.artifacts).to.have.length(4)
  })

  for (const [verb, run] of [
    ['save', (more: object) => save({ names: [reference()], path: folder, onProgress, ...more })],
    ['install', (more: object) => install({ targets: [reference()], store: store(), onProgress, ...more })],
    ['pull', (more: object) => pull({ references: [reference()], store: store(), onProgress, ...more })],
  ] as const)
    describe(`in a ${verb}`, () => {
      it('is left out with a note where it cannot be had, and an error where it is required', async () => {
        repository.artifact(repository.image('amd64', '1.0'), 'a list')
        otherwise = (rest) => (rest.startsWith('referrers/') ? 403 : undefined)
        const { images } = await run({})
        expect(images).to.have.length(1)
        expect(notes.join('\n')).to.match(/signatures and other referrers of .* does not allow access/)
        await failure(run({ requireReferrers: true, force: true }), 'UNAUTHORIZED')
      })

      it('is not asked for where the image alone is wanted', async () => {
        repository.artifact(repository.image('amd64', '1.0'), 'a list')
        const { images } = await run({ noReferrers: true })
        expect(images[0]).not.to.have.property('artifacts')
        expect(server.seen.filter(({ url }) => /referrers|tags|sha256-/.test(url))).to.deep.equal([])
      })

      it('cannot be required and left out at once', async () => {
        await failure(run({ noReferrers: true, requireReferrers: true }), 'USAGE')
      })
    })

  describe('in a push', () => {
    let target: FaultyServer
    let refused: string
    const put: string[] = []

    before(async () => {
      const there = new Map<string, { type: string; bytes: Buffer }>()
      target = await startFaultyServer((request, response) => {
        const [, name = ''] = /\/manifests\/(.*)$/.exec(request.url) ?? []
        if (request.url.includes('/blobs/uploads'))
          return request.method === 'POST'
            ? response.writeHead(202, { location: `${request.url}1` }).end()
            : response.writeHead(201).end()
        if (request.method === 'PUT') {
          if (refused !== '' && request.body.includes(refused))
            return json(response, 400, { errors: [{ code: 'MANIFEST_INVALID', message: 'images only' }] })
          put.push(name)
          there.set(name, {
            type: request.headers['content-type'] ?? '',
            bytes: Buffer.from(request.body),
          })
          return response.writeHead(201).end()
        }
        const found = there.get(name)
        if (!found) return json(response, 404, {})
        response.writeHead(200, { 'content-type': found.type, 'content-length': found.bytes.length })
        return response.end(request.method === 'HEAD' ? undefined : found.bytes)
      })
    })
    after(() => target.stop())
    beforeEach(async () => {
      put.length = 0
      refused = ''
      repository.artifact(repository.image('amd64', '1.0'), 'a list')
      await install({ targets: [reference()], store: store(), noLatest: true })
    })
    const run = (into: string, more = {}) =>
      push({ names: ['app'], registry: `${target.host}/${into}`, store: store(), onProgress, ...more })

    it('is left out with a note where the registry takes images alone, after the image', async () => {
      refused = SBOM
      const { images } = await run('refused')
      expect(images[0]).not.to.have.property('artifacts')
      expect(put).to.include('1.0')
      expect(notes.join('\n')).to.match(/its SBOM sha256:\w+ does not go along: .* images only/)
      await failure(run('refused', { requireReferrers: true }), 'REGISTRY_ERROR')
    })

    it('goes along, and is left out where the image alone is wanted', async () => {
      const { images } = await run('alone', { noReferrers: true })
      expect(images[0]).not.to.have.property('artifacts')
      const before = put.length
      const again = await run('alone')
      expect(again.images[0]?.artifacts).to.have.length(1)
      expect(put.length).to.be.greaterThan(before)
    })
  })
})
