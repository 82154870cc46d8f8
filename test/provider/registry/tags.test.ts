import type http from 'node:http'
import { expect } from 'chai'
import type { RegistryClient } from '../../../provider/registry/client.js'
import { RegistryTags } from '../../../provider/registry/tags.js'
import { type FaultyServer, json, startFaultyServer } from './faulty-server.js'
import { failure, impatientClient } from './reading.js'

describe('listing tags', () => {
  let server: FaultyServer
  let client: RegistryClient
  let lister: RegistryTags

  before(async () => {
    server = await startFaultyServer(() => undefined)
  })
  after(() => server.stop())
  beforeEach(() => {
    server.seen.length = 0
    client = impatientClient()
    lister = new RegistryTags(client)
  })
  afterEach(() => client.close())

  const tags = () => lister.tags(server.host, 'base/image', {})
  /** Answers the first pages with a link to the next each. */
  const paged = (count: number, link: (page: number) => string): FaultyServer['handler'] => {
    return (_, response) => {
      const page = server.seen.length
      json(response, 200, { name: 'x', tags: [`t${page}`] }, page < count ? { link: link(page) } : {})
    }
  }

  it('reads every page, whether its link is absolute or relative', async () => {
    server.handler = paged(3, (page) =>
      page === 1
        ? `</v2/base/image/tags/list?last=t1&n=1000>; rel="next"`
        : `<${server.origin}/v2/base/image/tags/list?last=t2>; rel="next"`,
    )
    expect(await tags()).to.deep.equal(['t1', 't2', 't3'])
    expect(server.seen.map((request) => request.url)).to.deep.equal([
      '/v2/base/image/tags/list?n=1000',
      '/v2/base/image/tags/list?last=t1&n=1000',
      '/v2/base/image/tags/list?last=t2',
    ])
  })

  it('gives each tag once, and nothing that is not a tag', async () => {
    const names = ['1.0', '1.0', 'latest', '../x', '', 'a b', 7, null, '\u001b[2J', 'ok_1-2.3']
    server.handler = (_, response) => json(response, 200, { tags: names })
    expect(await tags()).to.deep.equal(['1.0', 'latest', 'ok_1-2.3'])
  })

  it('bears a repository without tags', async () => {
    server.handler = (_, response) => json(response, 200, { name: 'x', tags: null })
    expect(await tags()).to.deep.equal([])
  })

  describe('of a registry that names itself otherwise than it is reached', () => {
    const path = '/v2/base/image/tags/list?last=t1'
    const links = {
      'by another scheme': () => `https://${server.host}${path}`,
      'by a name that is none here': () => `http://registry.internal:8443${path}`,
      'with a user': () => `http://user:secret@${server.host}${path}`,
      'without a scheme': () => `//registry.internal${path}`,
    }
    for (const [how, link] of Object.entries(links))
      it(`asks for the next page where it asked for the first: ${how}`, async () => {
        server.handler = paged(2, () => `<${link()}>; rel="next"`)
        expect(await tags()).to.deep.equal(['t1', 't2'])
        expect(server.seen[1]?.url).to.equal(path)
        expect(server.seen[1]?.headers.authorization).to.equal(undefined)
      })
  })

  describe('of a registry that links to its next page as registries do', () => {
    const list = '/v2/base/image/tags/list'
    const links: Record<string, [link: string, asked: string]> = {
      'distribution, Harbor, Quay: a path': [`${list}?n=1000&last=t1`, `${list}?n=1000&last=t1`],
      'ECR, Gitea: a whole URL': [`https://registry.invalid${list}?last=t1&n=1000`, `${list}?last=t1&n=1000`],
      'GHCR: with no page size': [`${list}?last=t1&n=0`, `${list}?last=t1&n=0`],
      'Quay: with a token of base64': [
        `${list}?next_page=gAAA+/_-a==&n=9`,
        `${list}?next_page=gAAA+/_-a==&n=9`,
      ],
      'a query alone': ['?n=2&last=t1', `${list}?n=2&last=t1`],
      'a path from where it is': ['list?last=t1', `${list}?last=t1`],
      'a path from the repository': ['../tags/list?last=t1', `${list}?last=t1`],
      'spaces and other letters in the query': [`${list}?last=a b|"c`, `${list}?last=a%20b|%22c`],
      'percent signs that are none': [`${list}?last=100%&n=2`, `${list}?last=100%&n=2`],
      'Artifactory: without the repository key that it is asked with': [
        '/v2/image/tags/list?last=t1',
        `${list}?last=t1`,
      ],
      'Artifactory: with the path of its API': [
        '/artifactory/api/docker/base/v2/image/tags/list?last=t1',
        `${list}?last=t1`,
      ],
      'a project that a proxy puts before': ['/v2/hidden/base/image/tags/list?last=t1', `${list}?last=t1`],
      'a prefix that a proxy takes away': ['/registry/v2/base/image/tags/list?last=t1', `${list}?last=t1`],
      'a host without a path': ['http://registry.invalid?last=t1', `${list}?last=t1`],
      'another list, as it says': ['/v2/base/image/tags/rest?page=2', '/v2/base/image/tags/rest?page=2'],
      'a list that only begins the same': ['/v2/other-image/tags/list?a=b', '/v2/other-image/tags/list?a=b'],
    }
    for (const [how, [link, asked]] of Object.entries(links))
      it(how, async () => {
        server.handler = paged(2, () => Buffer.from(`<${link}>; rel="next"`).toString('latin1'))
        expect(await tags()).to.deep.equal(['t1', 't2'])
        expect(server.seen[1]?.url).to.equal(asked)
      })
  })

  it('finds the next page of a catalog whose link has the path behind a proxy', async () => {
    server.handler = (_, response) => {
      const isLast = server.seen.length === 2
      const link = '</behind/v2/_catalog?last=team%2Fa&n=1000>; rel="next"'
      json(response, 200, { repositories: [isLast ? 'team/b' : 'team/a'] }, isLast ? {} : { link })
    }
    expect(await lister.repositories(server.host, {})).to.deep.equal(['team/a', 'team/b'])
    expect(server.seen[1]?.url).to.equal('/v2/_catalog?last=team%2Fa&n=1000')
  })

  it('sends nothing to another host, whatever a link looks like', async () => {
    const other = await startFaultyServer((_, response) => json(response, 200, { tags: ['evil'] }))
    for (const link of [
      `${other.origin}/v2/x`,
      `${other.origin}//${other.host}/v2/x`,
      `/a/..//${other.host}/v2/x`,
    ]) {
      server.seen.length = 0
      server.handler = paged(2, () => `<${link}>; rel="next"`)
      expect(await tags()).to.deep.equal(['t1', 't2'])
    }
    expect(other.seen).to.deep.equal([])
    await other.stop()
  })

  it('refuses a link that is no page of a registry', async () => {
    for (const link of ['data:text/plain,x', 'file:///etc/passwd', 'http://', 'javascript:0']) {
      server.seen.length = 0
      server.handler = paged(2, () => `<${link}>; rel="next"`)
      expect((await failure(tags(), 'REGISTRY_ERROR')).found).to.contain(link)
    }
  })

  it('asks a registry that sends its lists on for each page anew', async () => {
    const other = await startFaultyServer((request, response) =>
      json(
        response,
        200,
        { tags: [request.url.includes('last') ? 'b' : 'a'] },
        request.url.includes('last') ? {} : { link: '</v2/inner/tags/list?last=a>; rel="next"' },
      ),
    )
    server.handler = (request, response) =>
      response
        .writeHead(307, { location: `${other.origin}/v2/inner${request.url.replace(/.*tags/, '/tags')}` })
        .end()
    expect(await tags()).to.deep.equal(['a', 'b'])
    expect(server.seen.map((request) => request.url)).to.deep.equal([
      '/v2/base/image/tags/list?n=1000',
      '/v2/base/image/tags/list?last=a',
    ])
    await other.stop()
  })

  it('stops where a page is its own next', async () => {
    server.handler = paged(Number.POSITIVE_INFINITY, () => '</v2/base/image/tags/list?last=x>; rel="next"')
    await failure(tags(), 'REGISTRY_ERROR')
    expect(server.seen).to.have.length(2)
  })

  it('stops where there is always another page', async () => {
    const next = (page: number) => `</v2/base/image/tags/list?last=${page}>; rel="next"`
    server.handler = paged(Number.POSITIVE_INFINITY, next)
    const error = await failure(tags(), 'REGISTRY_ERROR')
    expect(error.message).to.contain('do not end')
    expect(server.seen).to.have.length(1000)
  })

  it('refuses what is not JSON', async () => {
    server.handler = (_, response) => response.end('<html>')
    await failure(tags(), 'INVALID_DOCUMENT')
  })

  it('stops reading a page that is too large', async () => {
    server.handler = (_, response) => response.end(Buffer.alloc(21 * 1024 * 1024, ' '))
    await failure(tags(), 'DOCUMENT_TOO_LARGE')
  })

  it('says that there is no such repository', async () => {
    server.handler = (_, response) =>
      json(response, 404, { errors: [{ code: 'NAME_UNKNOWN', message: 'no' }] })
    const error = await failure(tags(), 'NOT_FOUND')
    expect(error.message).to.contain(`tags of ${server.host}/base/image`)
  })

  for (const status of [401, 403, 404, 405])
    it(`takes ${status} for a registry without a catalog`, async () => {
      server.handler = (_, response) => json(response, status, {})
      expect(await lister.repositories(server.host, {})).to.equal(undefined)
    })

  it('takes a page for people, or what leads away, for a registry without a catalog', async () => {
    const page = (response: http.ServerResponse) =>
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('\n<!DOCTYPE html>')
    server.handler = (_, response) => page(response)
    expect(await lister.repositories(server.host, {})).to.equal(undefined)
    server.handler = ({ url }, response) =>
      url.startsWith('/docs') ? page(response) : response.writeHead(307, { location: '/docs' }).end()
    expect(await lister.repositories(server.host, {})).to.equal(undefined)
    server.handler = (_, response) => response.writeHead(302, { location: 'http://192.0.2.1/' }).end()
    expect(await lister.repositories(server.host, {})).to.equal(undefined)
  })

  it('says of a page for people that it is one', async () => {
    server.handler = (_, response) => response.end('<html>Sign in</html>')
    const error = await failure(tags(), 'INVALID_DOCUMENT')
    expect(error.message).to.contain('a page for people')
    expect(error.expected).to.equal('JSON')
  })

  for (const most of [100, 7])
    it(`asks for smaller pages where a registry refuses more than ${most}, and remembers it`, async () => {
      server.handler = ({ url }, response) => {
        const size = Number(new URL(url, 'http://x').searchParams.get('n') ?? most)
        return size > most
          ? json(response, 400, { errors: [{ code: 'PAGINATION_NUMBER_INVALID' }] })
          : json(response, 200, { tags: [`of-${size}`], repositories: ['base/image'] })
      }
      expect(await tags()).to.deep.equal([`of-${most}`])
      const before = server.seen.length
      expect(before).to.equal(most === 100 ? 2 : 3)
      expect(await tags()).to.deep.equal([`of-${most}`])
      expect(await lister.repositories(server.host, {})).to.deep.equal(['base/image'])
      expect(server.seen.length - before).to.equal(2)
    })

  it('does not take any 400 for a page that is too large', async () => {
    server.handler = (_, response) => json(response, 400, { errors: [{ code: 'NAME_INVALID' }] })
    const error = await failure(tags(), 'REGISTRY_ERROR')
    expect(error.message).to.contain('NAME_INVALID')
    expect(server.seen).to.have.length(3)
  })

  it('does not take a broken registry for one without a catalog', async () => {
    server.handler = (_, response) => json(response, 500, {})
    await failure(lister.repositories(server.host, {}), 'REGISTRY_ERROR')
  })

  it('stops with INTERRUPTED between the pages', async () => {
    const stop = new AbortController()
    const next = (page: number) => `</v2/base/image/tags/list?last=${page}>; rel="next"`
    server.handler = (request, response, count) => {
      if (server.seen.length === 3) stop.abort()
      return paged(10, next)(request, response, count)
    }
    await failure(lister.tags(server.host, 'base/image', { signal: stop.signal }), 'INTERRUPTED')
  })
})
