import { createServer, type ServerResponse } from 'node:http'
import { expect } from 'chai'
import { parseReference } from '../../../manifests/index.js'
import type { RegistryClient } from '../../../provider/registry/client.js'
import type { MirrorSetting, RegistryMirrors } from '../../../provider/registry/mirror-setting.js'
import { parseMirrorUrl } from '../../../provider/registry/mirror-url.js'
import type { ClientOptions } from '../../../provider/registry/settings.js'
import { openRegistrySource } from '../../../provider/registry/source.js'
import { RegistryTags } from '../../../provider/registry/tags.js'
import { scratch } from '../../scratch.js'
import { dockerConfig } from './docker-config.js'
import { type FaultyServer, json, type Seen, serve, startFaultyServer } from './faulty-server.js'
import { all, blob, failure, impatientClient } from './reading.js'

const BYTES = Buffer.from('{"schemaVersion":2,"layers":[],"config":{}}')
const TYPE = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' }
const DOCUMENT = blob(BYTES)

describe('mirrors', () => {
  const temporary = scratch()
  let first: FaultyServer
  let second: FaultyServer
  let upstream: FaultyServer
  let notes: string[]
  const clients: RegistryClient[] = []

  before(async () => {
    first = await startFaultyServer(() => {})
    second = await startFaultyServer(() => {})
    upstream = await startFaultyServer(() => {})
  })
  after(async () => {
    await Promise.all([first, second, upstream].map((server) => server.stop()))
    temporary.remove()
  })
  beforeEach(() => {
    notes = []
    for (const server of [first, second, upstream]) {
      server.seen.length = 0
      server.handler = (_, response) => response.writeHead(200, TYPE).end(BYTES)
    }
  })
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()))
  })

  /** A client whose registry `upstream` has these mirrors. */
  function client(
    mirrors: (string | MirrorSetting)[],
    rest: Partial<RegistryMirrors> = {},
    options: ClientOptions = {},
  ): RegistryClient {
    const endpoints = mirrors.map((one) => (typeof one === 'string' ? { url: one } : one))
    const made = impatientClient({
      mirrors: { [upstream.host]: { endpoints, ...rest } },
      onNote: (line) => notes.push(line),
      ...options,
    })
    clients.push(made)
    return made
  }

  function source(of: RegistryClient, text = `${upstream.host}/os/base:1`) {
    return openRegistrySource(of, parseReference(text))
  }

  const paths = (server: FaultyServer): string[] => server.seen.map(({ url }) => url)
  const refuse = (status: number) => (_: Seen, response: ServerResponse) => json(response, status, {})

  it('are asked first, with the registry as `ns`, and the reader is told where a tag comes from', async () => {
    await source(client([first.origin])).resolve('1')
    expect(paths(first)).to.deep.equal([`/v2/os/base/manifests/1?ns=${encodeURIComponent(upstream.host)}`])
    expect(upstream.seen).to.deep.equal([])
    expect(notes).to.deep.equal([`${upstream.host}/os/base:1: from mirror ${first.origin}.`])
  })

  it('with a path have it before the repository, and are told no `ns`', async () => {
    await source(client([`${first.origin}/site/cache`])).resolve('1')
    expect(paths(first)).to.deep.equal(['/v2/site/cache/os/base/manifests/1'])
  })

  it('may have /v2 before the path, as containerd writes it', () => {
    expect(parseMirrorUrl('https://a.example/v2/site/', false).prefix).to.equal('site')
    expect(parseMirrorUrl('https://a.example/v2', false).prefix).to.equal('')
    expect(parseMirrorUrl('https://a.example/v2x', false).prefix).to.equal('v2x')
  })

  it('are asked in their order, and then the registry itself', async () => {
    for (const [number, server] of [first, second].entries())
      server.handler = refuse(number === 0 ? 404 : 401)
    await source(client([first.origin, second.origin])).resolve('1')
    expect([first, second, upstream].map((server) => server.seen.length)).to.deep.equal([1, 1, 1])
    expect(upstream.seen[0]?.url).to.equal('/v2/os/base/manifests/1')
    expect(notes.join()).not.to.contain('from mirror')
  })

  it('of Docker Hub are told its official images by their whole name', async () => {
    const made = impatientClient({ mirrors: { 'docker.io': { endpoints: [{ url: first.origin }] } } })
    clients.push(made)
    await source(made, 'docker.io/debian:12').resolve('12')
    expect(paths(first)).to.deep.equal(['/v2/library/debian/manifests/12?ns=docker.io'])
  })

  it('for every registry are asked where one has none of its own', async () => {
    const mirrors = {
      '*': { endpoints: [{ url: first.origin }] },
      'own.example': { endpoints: [{ url: second.origin }] },
    }
    const made = impatientClient({ mirrors })
    clients.push(made)
    await source(made, 'any.example/os/base:1').resolve('1')
    await source(made, 'own.example/os/base:1').resolve('1')
    expect(paths(first)).to.deep.equal(['/v2/os/base/manifests/1?ns=any.example'])
    expect(paths(second)).to.deep.equal(['/v2/os/base/manifests/1?ns=own.example'])
    // This machine's registries are meant when they are named.
    await source(made, `${upstream.host}/os/base:1`).resolve('1')
    expect(paths(upstream)).to.deep.equal(['/v2/os/base/manifests/1'])
  })

  it('that must be the only ones leave the registry alone', async () => {
    first.handler = refuse(404)
    second.handler = refuse(404)
    const made = client([first.origin, second.origin], { upstream: false })
    const error = await failure(source(made).resolve('1'), 'NOT_FOUND')
    expect(error.remedy).to.contain('the registry itself is not asked')
    await failure(all(source(made).read(DOCUMENT)), 'NOT_FOUND')
    expect(await new RegistryTags(made).repositories(upstream.host, {})).to.equal(undefined)
    await failure(made.request({ ...writing(), subject: 'an upload' }), 'MIRROR_ONLY')
    const url = new URL(`${upstream.origin}/layer`)
    await failure(made.fetchFile({ url, subject: 'a foreign layer', allow: () => {} }), 'MIRROR_ONLY')
    expect(upstream.seen).to.deep.equal([])
  })

  function writing() {
    return { registry: upstream.host, repository: 'os/base', path: 'blobs/uploads/', method: 'POST' as const }
  }

  it('are never written to', async () => {
    const made = client([first.origin])
    await made.request({ ...writing(), actions: 'pull,push', subject: 'an upload' })
    await made.request({
      ...writing(),
      method: 'GET',
      actions: 'pull,push',
      subject: 'a check before an upload',
    })
    expect(first.seen).to.deep.equal([])
    expect(upstream.seen).to.have.length(2)
  })

  it('with the capability to pull only are not asked what a tag means', async () => {
    const made = client([{ url: first.origin, capabilities: ['pull'] }])
    await source(made).resolve('1')
    upstream.handler = (_, response) => json(response, 200, { tags: ['1'] })
    await new RegistryTags(made).tags(upstream.host, 'os/base', {})
    expect(first.seen).to.deep.equal([])
    first.handler = (request, response) => serve(request, response, BYTES)
    expect((await all(source(made).read(DOCUMENT))).equals(BYTES)).to.equal(true)
    expect(paths(first).map((url) => url.split('?')[0])).to.deep.equal([
      `/v2/os/base/blobs/${DOCUMENT.digest}`,
    ])
  })

  it('that send other bytes than a digest names are not believed', async () => {
    first.handler = (_, response) => response.writeHead(200, TYPE).end('{"schemaVersion":2,"layers":[1]}')
    const error = await failure(source(client([first.origin])).resolve(DOCUMENT.digest), 'DIGEST_MISMATCH')
    expect(JSON.stringify(error.details)).to.contain(first.host)
    expect(upstream.seen).to.deep.equal([])
  })

  it('that fail are named, each with its reason, beside the registry', async () => {
    first.handler = refuse(403)
    second.handler = refuse(404)
    upstream.handler = refuse(404)
    const error = await failure(source(client([first.origin, second.origin])).resolve('1'), 'NOT_FOUND')
    expect(error.message).to.contain(`mirror ${first.origin}: ${first.host} does not allow access`)
    expect(error.message).to.contain(`mirror ${second.origin}: ${second.host} has no`)
    expect(error.message).to.contain(`${upstream.host}: ${upstream.host} has no`)
    const { endpoints } = error.details as { endpoints: { code: string }[] }
    expect(endpoints.map(({ code }) => code)).to.deep.equal(['UNAUTHORIZED', 'NOT_FOUND', 'NOT_FOUND'])
  })

  it('that cannot be connected to are not tried again and again', async () => {
    const gone = await startFaultyServer(() => {})
    await gone.stop()
    const made = client([gone.origin])
    await source(made).resolve('1')
    let asked = 0
    const revived = createServer((_, response) => {
      asked++
      response.writeHead(200, TYPE).end(BYTES)
    })
    await new Promise<void>((resolve) =>
      revived.listen(Number(new URL(gone.origin).port), '127.0.0.1', resolve),
    )
    await source(made).resolve('2')
    expect(upstream.seen).to.have.length(2)
    expect(asked).to.equal(0)
    revived.closeAllConnections()
    await new Promise((resolve) => revived.close(resolve))
  })

  it('that are busy are asked again where nobody else can answer', async () => {
    first.handler = (_, response, count) =>
      count < 3 ? json(response, 503, {}) : response.writeHead(200, TYPE).end(BYTES)
    upstream.handler = refuse(404)
    const { digest } = await source(client([first.origin])).resolve('1')
    expect(digest).to.equal(DOCUMENT.digest)
    expect(first.seen).to.have.length(4)
  })

  it('know what a repository of theirs does not have, where the registry cannot be reached', async () => {
    const mirrors = { 'upstream.invalid': { endpoints: [{ url: first.origin }] } }
    const made = impatientClient({ mirrors, onNote: () => {} })
    clients.push(made)
    first.handler = (request, response) =>
      request.url.startsWith('/v2/os/base/manifests/1')
        ? response.writeHead(200, TYPE).end(BYTES)
        : json(response, 404, {})
    const image = source(made, 'upstream.invalid/os/base:1')
    const error = await failure(image.resolve('2'), 'NETWORK_UNREACHABLE')
    expect(error.message).to.contain('has no')
    const { digest } = await image.resolve('1')
    // Neither the API nor the tags of referrers are there, and that is an answer.
    expect(await image.referrers?.(digest)).to.deep.equal([])
  })

  it('list tags page after page, each on the mirror that gave the first', async () => {
    first.handler = (request, response) =>
      request.url.includes('last=a')
        ? json(response, 200, { tags: ['b'] })
        : json(response, 200, { tags: ['a'] }, { link: '</v2/os/base/tags/list?last=a>; rel="next"' })
    const tags = await new RegistryTags(client([first.origin])).tags(upstream.host, 'os/base', {})
    expect(tags).to.deep.equal(['a', 'b'])
    expect(paths(first)[1]).to.equal(`/v2/os/base/tags/list?last=a&ns=${encodeURIComponent(upstream.host)}`)
    expect(upstream.seen).to.deep.equal([])
  })

  it('cannot lead the listing of tags to another host', async () => {
    first.handler = (request, response) =>
      request.url.includes('last=a')
        ? json(response, 200, { tags: ['b'] })
        : json(
            response,
            200,
            { tags: ['a'] },
            { link: `<${second.origin}/v2/a/tags/list?last=a>; rel="next"` },
          )
    const listing = new RegistryTags(client([first.origin], { upstream: false })).tags(upstream.host, 'a', {})
    expect(await listing).to.deep.equal(['a', 'b'])
    expect(second.seen).to.deep.equal([])
  })

  describe('and credentials', () => {
    const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`

    beforeEach(() => {
      for (const server of [first, second, upstream])
        server.handler = (request, response) =>
          request.headers.authorization === undefined
            ? json(response, 401, {}, { 'www-authenticate': 'Basic realm="x"' })
            : response.writeHead(200, TYPE).end(BYTES)
    })

    it('give a mirror its own and never those of the registry', async () => {
      const file = dockerConfig(temporary.folder(), {
        [first.host]: 'mirror:its-own',
        [upstream.host]: 'upstream:not-for-mirrors',
      })
      await source(client([first.origin], {}, { dockerConfig: file })).resolve('1')
      expect(first.seen.map(({ headers }) => headers.authorization)).to.deep.equal([
        undefined,
        basic('mirror:its-own'),
      ])
    })

    it('give a mirror none where there are only those of the registry', async () => {
      const file = dockerConfig(temporary.folder(), { [upstream.host]: 'upstream:not-for-mirrors' })
      await source(client([first.origin], {}, { dockerConfig: file })).resolve('1')
      expect(first.seen.map(({ headers }) => headers.authorization)).to.deep.equal([undefined])
      expect(upstream.seen.at(-1)?.headers.authorization).to.equal(basic('upstream:not-for-mirrors'))
    })

    it('are looked up below the path of a mirror', async () => {
      const auths = { [`${first.host}/site`]: 'site:s', [first.host]: 'whole:w' }
      const file = dockerConfig(temporary.folder(), auths)
      await source(client([`${first.origin}/site`], {}, { dockerConfig: file })).resolve('1')
      expect(first.seen.at(-1)?.headers.authorization).to.equal(basic('site:s'))
    })

    it('stay with the mirror where it redirects', async () => {
      second.handler = (request, response) => serve(request, response, BYTES)
      first.handler = (request, response) =>
        request.headers.authorization
          ? response.writeHead(307, { location: `${second.origin}/data` }).end()
          : json(response, 401, {}, { 'www-authenticate': 'Basic realm="x"' })
      const file = dockerConfig(temporary.folder(), { [first.host]: 'mirror:its-own' })
      await all(source(client([first.origin], {}, { dockerConfig: file })).read(DOCUMENT))
      expect(paths(second)).to.deep.equal(['/data'])
      expect(second.seen[0]?.headers).not.to.have.property('authorization')
    })

    it('do not answer the challenge of a host that a mirror redirects to', async () => {
      first.handler = (_, response) => response.writeHead(307, { location: `${second.origin}/data` }).end()
      const auths = { [first.host]: 'mirror:its-own', [second.host]: 'second:s' }
      const file = dockerConfig(temporary.folder(), auths)
      upstream.handler = refuse(404)
      const made = client([first.origin], {}, { dockerConfig: file })
      await failure(all(source(made).read(DOCUMENT)), 'NOT_FOUND')
      expect(second.seen.every(({ headers }) => headers.authorization === undefined)).to.equal(true)
    })

    it('are not sent to a token service that does not belong to the mirror', async () => {
      first.handler = (request, response) =>
        request.headers.authorization
          ? response.writeHead(200, TYPE).end(BYTES)
          : json(
              response,
              401,
              {},
              {
                'www-authenticate': `Bearer realm="${second.origin}/token",service="s"`,
              },
            )
      second.handler = (_, response) => json(response, 200, { token: 'for-anybody' })
      const auths = { [first.host]: 'mirror:its-own', [upstream.host]: 'upstream:not-for-mirrors' }
      const file = dockerConfig(temporary.folder(), auths)
      await source(client([first.origin], {}, { dockerConfig: file })).resolve('1')
      expect(second.seen.map(({ headers }) => headers.authorization)).to.deep.equal([undefined])
      expect(notes.join()).to.contain(`The credentials for ${first.host} are not sent to its token service`)
    })
  })

  it('are not reached over plain http, unless they are on this machine or it is allowed', () => {
    const endpoints = (setting: MirrorSetting) => ({ mirrors: { 'a.example': { endpoints: [setting] } } })
    expect(() => impatientClient(endpoints({ url: 'http://m.example' }))).to.throw('plain http')
    impatientClient(endpoints({ url: 'http://m.example', insecure: true }))
    for (const url of [
      'ftp://m.example',
      'https://u:p@m.example',
      'https://m.example/?x',
      'm.example',
      'https://m.example/A',
    ])
      expect(() => impatientClient(endpoints({ url })), url).to.throw(/mirror/)
  })

  it('that redirect are followed by the same rules as a registry', async () => {
    upstream.handler = refuse(404)
    for (const location of ['http://mirror.example/x', 'file:///etc/passwd', `http://u:p@${second.host}/x`]) {
      first.handler = (_, response) => response.writeHead(307, { location }).end()
      const error = await failure(source(client([first.origin])).resolve('1'), 'NOT_FOUND')
      const { endpoints } = error.details as { endpoints: { code: string }[] }
      expect(endpoints[0]?.code, location).to.equal('REDIRECT_REFUSED')
    }
    expect(second.seen).to.deep.equal([])
  })
})
