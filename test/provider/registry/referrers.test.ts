import type http from 'node:http'
import { expect } from 'chai'
import { ANNOTATIONS, type Descriptor, MEDIA_TYPES, parseReference } from '../../../manifests/index.js'
import type { ImageSource } from '../../../provider/copy/ports.js'
import type { RegistryClient } from '../../../provider/registry/client.js'
import type { ClientOptions } from '../../../provider/registry/settings.js'
import { openRegistrySource } from '../../../provider/registry/source.js'
import { type FaultyServer, json, type Seen, startFaultyServer } from './faulty-server.js'
import { all, failure, impatientClient } from './reading.js'
import { Repository, SBOM } from './repository.js'

describe('referrers', () => {
  let server: FaultyServer
  let client: RegistryClient
  let source: ImageSource
  let repository: Repository
  let image: Descriptor
  let hex: string
  const notes: string[] = []

  before(async () => {
    server = await startFaultyServer(() => undefined)
  })
  after(() => server.stop())
  beforeEach(() => {
    server.seen.length = 0
    notes.length = 0
    repository = new Repository()
    image = repository.image('amd64', '1.0')
    hex = image.digest.slice('sha256:'.length)
    open()
    answer(() => false)
  })
  afterEach(() => client.close())

  function open(options: ClientOptions = {}): void {
    client = impatientClient({ onNote: (note) => notes.push(note), ...options })
    source = openRegistrySource(client, parseReference(`${server.host}/base/image`))
  }

  /** Answers as the repository would, but for what is answered otherwise. */
  function answer(otherwise: (path: string, response: http.ServerResponse, request: Seen) => unknown): void {
    server.handler = (request, response) => {
      const path = request.url.replace('/v2/base/image/', '')
      if (otherwise(path, response, request) === false) repository.answer(path, request, response)
    }
  }
  /** Answers the referrers API alone otherwise. */
  function answerApi(otherwise: (response: http.ServerResponse) => unknown): void {
    answer((path, response) => (path.startsWith('referrers/') ? otherwise(response) : false))
  }
  const find = async (of = image): Promise<Descriptor[]> => (await source.referrers?.(of.digest)) ?? []
  const asked = (part: string): Seen[] => server.seen.filter(({ url }) => url.includes(part))

  it('are listed by the API', async () => {
    const artifact = repository.artifact(image, 'a list')
    expect(await find()).to.deep.equal([artifact])
    expect(notes).to.deep.equal([])
  })

  it('are not looked for under the fallback tag where there is an API', async () => {
    repository.index([repository.artifact(undefined, 'a list')], `sha256-${hex}`)
    expect(await find()).to.deep.equal([])
  })

  for (const status of [404, 400, 405, 501])
    it(`are listed under the fallback tag where the API answers ${status}`, async () => {
      const artifact = repository.artifact(image, 'a list')
      repository.index([artifact], `sha256-${hex}`)
      answerApi((response) => json(response, status, {}))
      expect(await find()).to.deep.equal([artifact])
      expect(notes).to.deep.equal([])
    })

  for (const listsTags of [true, false])
    it(`are none where the registry takes the fallback tag for the digest, ${listsTags ? 'and lists its tags' : 'without a list of tags'}`, async () => {
      repository.hasReferrersApi = false
      repository.listsTags = listsTags
      const index = repository.index([image, repository.image('arm64')])
      answer((path, response, request) => {
        if (!path.startsWith('manifests/sha256-') || path.includes('.')) return false
        return repository.answer(path.replace('sha256-', 'sha256:'), request, response)
      })
      expect(await find(index)).to.deep.equal([])
      expect(await find(image)).to.deep.equal([])
    })

  it('are not what a list names that refers to something else', async () => {
    const other = repository.image('arm64')
    repository.index([other, repository.artifact(other, 'about another')], `sha256-${hex}`)
    repository.hasReferrersApi = false
    expect(await find()).to.deep.equal([])
    expect(notes).to.deep.equal([])
  })

  it('may say of what they are alone in the list', async () => {
    const { artifactType: _, ...artifact } = repository.artifact(undefined, 'says nothing')
    answerApi((response) => json(response, 200, { manifests: [artifact] }))
    expect(await find()).to.deep.equal([artifact])
  })

  for (const listsTags of [true, false])
    it(`are found by cosign's tags, ${listsTags ? 'in the list of all tags' : 'each asked for'}, and carry them`, async () => {
      repository.listsTags = listsTags
      const { artifactType: _, ...signature } = repository.artifact(undefined, 'signed', `sha256-${hex}.sig`)
      expect(await find()).to.deep.equal([
        { ...signature, annotations: { [ANNOTATIONS.refName]: `sha256-${hex}.sig` } },
      ])
      const gets = asked('/manifests/').filter(({ method }) => method === 'GET')
      expect(gets.map(({ url }) => url)).to.deep.equal([`/v2/base/image/manifests/sha256-${hex}.sig`])
    })

  it('are looked for with one request for all tags of a repository', async () => {
    repository.hasReferrersApi = false
    await find()
    await find(repository.image('arm64'))
    expect(asked('/tags/list')).to.have.length(1)
    expect(asked('/referrers/')).to.have.length(1)
    expect(asked('/manifests/')).to.deep.equal([])
  })

  it('are asked for one by one, and by HEAD, where the list of tags goes on', async () => {
    repository.artifact(undefined, 'signed', `sha256-${hex}.att`)
    answer((path, response) =>
      path.startsWith('tags/list')
        ? json(response, 200, { tags: ['a'] }, { link: '</v2/base/image/tags/list?last=a>; rel="next"' })
        : false,
    )
    expect(await find()).to.have.length(1)
    expect(asked('/manifests/').filter(({ method }) => method === 'HEAD')).to.have.length(3)
    expect(asked('/manifests/').filter(({ method }) => method === 'GET')).to.have.length(1)
  })

  it('that were found are not fetched again', async () => {
    repository.artifact(undefined, 'signed', `sha256-${hex}.sig`)
    const [found] = await find()
    server.seen.length = 0
    if (!found) throw new Error('no signature')
    expect((await all(source.read(found))).length).to.equal(found.size)
    expect(server.seen).to.deep.equal([])
  })

  it('may be none', async () => {
    expect(await find()).to.deep.equal([])
  })

  it('that are listed with another size are those that their digests name', async () => {
    const artifact = repository.artifact(image, 'a list')
    for (const size of [artifact.size + 7, 0, -1, 1e300, 'large']) {
      answerApi((response) => json(response, 200, { manifests: [{ ...artifact, size }] }))
      expect(await find()).to.deep.equal([artifact])
    }
  })

  it('may be listed with fields that nobody knows, and without those that are not needed', async () => {
    const { digest, ...artifact } = repository.artifact(image, 'a list')
    for (const entry of [
      { digest, artifactType: '', annotations: null, platform: null, data: 5 },
      { digest, mediaType: 'text', annotations: { number: 5 }, urls: ['::'] },
      { digest, mediaType: MEDIA_TYPES.ociManifest, size: artifact.size, createdBy: { x: 1 } },
    ]) {
      answerApi((response) => json(response, 200, { total: 1, referrers: [], manifests: [entry] }))
      const [found, ...more] = await find()
      expect(found).to.include({ digest, mediaType: artifact.mediaType, size: artifact.size })
      expect(more).to.deep.equal([])
    }
    expect(notes).to.deep.equal([])
  })

  it('that are listed and nothing that could be asked for are left out with a note', async () => {
    const artifact = repository.artifact(image, 'a list')
    answerApi((response) =>
      json(response, 200, { manifests: [null, 'x', { digest: 'sha256:../x' }, artifact] }),
    )
    expect(await find()).to.deep.equal([artifact])
    expect(notes.join('\n')).to.match(/3 of the referrers that are listed for .* could not be fetched/)
  })

  describe('that cannot be had', () => {
    const page = (status: number) => (response: http.ServerResponse) =>
      response.writeHead(status, { 'content-type': 'text/html' }).end('<html>Sign in</html>')
    const failing: [string, (response: http.ServerResponse) => unknown][] = [
      ['answers 401', (response) => json(response, 401, {})],
      ['answers 401 with a challenge', (r) => json(r, 401, {}, { 'www-authenticate': 'Basic realm="x"' })],
      ['answers 403', (response) => json(response, 403, { errors: [{ code: 'DENIED' }] })],
      ['answers 418', (response) => json(response, 418, {})],
      ['answers 429', (response) => json(response, 429, {})],
      ['answers 429 for an hour', (response) => json(response, 429, {}, { 'retry-after': '3600' })],
      ['answers 502', (response) => json(response, 502, {})],
      ['answers with a page', page(200)],
      [
        'sends on to where nobody listens',
        (r) => r.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      ],
      ['sends on to nothing', (response) => response.writeHead(307).end()],
      ['answers with JSON that is not an index', (response) => json(response, 200, { status: 'ok' })],
      ['answers with a list', (response) => json(response, 200, [])],
      ['answers with a list of nothing', (response) => json(response, 200, { manifests: 'none' })],
      ['closes the connection', (response) => response.destroy()],
      ['says nothing', () => undefined],
    ]
    for (const [what, api] of failing) {
      it(`as the API ${what} do not keep the image, and a note says why`, async () => {
        answerApi(api)
        expect(await find()).to.deep.equal([])
        expect(notes.at(-1)).to.match(
          /base\/image: signatures and other referrers of .* could not be fetched.*: ./,
        )
        // Twice at most, and not for another digest again.
        const before = asked('/referrers/').length
        expect(before).to.be.at.most(2)
        await find(repository.image('arm64'))
        expect(asked('/referrers/')).to.have.length(before)
      })

      it(`as the API ${what} are an error where they are required`, async () => {
        await client.close()
        open({ requireReferrers: true })
        answerApi(api)
        const error = await find().then(
          () => expect.fail('no error'),
          (reason: unknown) => reason,
        )
        expect(error).to.have.property('message').that.contains('could not be fetched')
        expect(error).to.have.property('remedy').that.contains('`requireReferrers`')
      })
    }

    it('by the API are still found by their tags', async () => {
      const artifact = repository.artifact(image, 'a list')
      repository.index([artifact], `sha256-${hex}`)
      answerApi((response) => json(response, 500, {}))
      expect(await find()).to.deep.equal([artifact])
    })

    it('as their manifest was deleted are left out, and the others stay', async () => {
      const gone = repository.artifact(image, 'gone')
      const stays = repository.artifact(image, 'stays')
      answer((path, response) => (path.includes(gone.digest) ? json(response, 404, {}) : false))
      expect(await find()).to.deep.equal([stays])
      expect(notes.join('\n')).to.contain(`the referrer ${gone.digest} (${SBOM}) could not be fetched`)
    })

    it('as a blob of theirs was deleted, or has another size, are left out', async () => {
      repository.artifact(image, 'its blob is gone')
      const short = repository.artifact(image, 'its blob is short')
      for (const [digest, bytes] of repository.blobs) {
        if (bytes.toString() === 'its blob is gone') repository.blobs.delete(digest)
        if (bytes.toString() === 'its blob is short') repository.blobs.set(digest, Buffer.from('short'))
      }
      expect(await find()).to.deep.equal([])
      expect(notes).to.have.length(2)
      expect(notes.join('\n')).to.contain(short.digest)
    })

    it('as their manifest is another one are left out', async () => {
      const other = repository.artifact(image, 'other')
      const found = repository.manifests.get(other.digest)
      if (found) repository.manifests.set(other.digest, { ...found, bytes: Buffer.from('{}') })
      answerApi((response) => json(response, 200, { manifests: [other] }))
      expect(await find()).to.deep.equal([])
      expect(notes).to.have.length(1)
    })

    for (const status of [401, 403, 429, 500])
      it(`as a tag that may not be there is answered with ${status} do not keep the image`, async () => {
        repository.listsTags = false
        answer((path, response) => (path.includes('.sig') ? json(response, status, {}) : false))
        expect(await find()).to.deep.equal([])
        expect(notes.at(-1)).to.contain(`the artifact under the tag sha256-${hex}.sig could not be fetched`)
      })

    it('are no reason to go on where the run was stopped', async () => {
      const stop = new AbortController()
      answerApi(() => stop.abort())
      await failure(source.referrers?.(image.digest, { signal: stop.signal }) ?? find(), 'INTERRUPTED')
    })
  })
})
