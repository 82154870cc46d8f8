import type { ServerResponse } from 'node:http'
import { expect } from 'chai'
import { formatReference, MEDIA_TYPES, parseReference } from '../../manifests/index.js'
import { readVerified } from '../../provider/copy/read-verified.js'
import type { KindBounds } from '../../provider/registry/allowance.js'
import type { RegistryClient } from '../../provider/registry/client.js'
import { RegistryDocuments } from '../../provider/registry/document.js'
import type { ClientOptions } from '../../provider/registry/settings.js'
import { openRegistrySource } from '../../provider/registry/source.js'
import { RegistryTags } from '../../provider/registry/tags.js'
import { type FaultyServer, json, serve, startFaultyServer } from '../provider/registry/faulty-server.js'
import { all, blob, failure, impatientClient } from '../provider/registry/reading.js'

/** What is never reached here. */
const PLENTY = { bytes: 1e9, time: 600_000 }

function bounds(each: Partial<KindBounds['each']>, together: Partial<KindBounds['each']> = {}): KindBounds {
  return { each: { ...PLENTY, ...each }, together: { ...PLENTY, ...together } }
}

/** Sends a byte again and again, until the other side hangs up. */
function drip(response: ServerResponse, everyMs: number, piece = ' '): void {
  const timer = setInterval(() => response.write(piece), everyMs)
  response.on('close', () => clearInterval(timer))
}

describe('a hostile registry, index or token service (one byte at a time, or no end of pages)', () => {
  let server: FaultyServer
  let client: RegistryClient

  before(async () => {
    server = await startFaultyServer(() => undefined)
  })
  after(() => server.stop())
  beforeEach(() => {
    server.seen.length = 0
  })
  afterEach(() => client.close())

  const using = (options: ClientOptions = {}): RegistryClient => {
    client = impatientClient({ timeouts: { connect: 5000, headers: 5000, bodyIdle: 150 }, ...options })
    return client
  }
  const tags = (repository = 'base/image') => new RegistryTags(client).tags(server.host, repository, {})
  const source = () => openRegistrySource(client, parseReference(`${server.host}/demo`))
  const index = () => new RegistryDocuments(client).read(`${server.origin}/i.json?sig=secret`, { limit: 1e6 })
  /** Pages without end, each with so many characters of tags. */
  const pages = (characters: number, afterMs = 0) => {
    server.handler = (_, response, __) => {
      const next = `</v2/base/image/tags/list?last=${server.seen.length}>; rel="next"`
      const page = { tags: [`t${server.seen.length}`], padding: 'x'.repeat(characters) }
      setTimeout(() => json(response, 200, page, { link: next }), afterMs)
    }
  }

  describe('lists', () => {
    it('have a bound in bytes for all of their pages, which the error says', async () => {
      using({ bounds: { list: bounds({ bytes: 100_000 }) } })
      pages(10_000)
      const error = await failure(tags(), 'DOCUMENT_TOO_LARGE')
      expect(error.expected).to.equal('at most 100000 bytes')
      expect(error.message).to.contain(`tags of ${server.host}/base/image`)
      expect(server.seen.length).to.be.within(8, 11)
    })

    it('have a bound in time for all of their pages', async () => {
      using({ bounds: { list: bounds({ time: 300 }) } })
      pages(1, 20)
      const error = await failure(tags(), 'NETWORK_TIMEOUT')
      expect(error.expected).to.equal('the whole of it within 0.3 seconds')
    })

    it('of many repositories have one bound together', async () => {
      using({ bounds: { list: bounds({}, { bytes: 25_000 }) } })
      server.handler = (_, response) => json(response, 200, { tags: ['a'], padding: 'x'.repeat(10_000) })
      expect(await tags('a')).to.deep.equal(['a'])
      expect(await tags('b')).to.deep.equal(['a'])
      const error = await failure(tags('c'), 'DOCUMENT_TOO_LARGE')
      expect(error.expected).to.contain('25000 bytes with all that its host sent before')
    })

    it('of many repositories take one time together, and none of it in between', async () => {
      using({ bounds: { list: bounds({}, { time: 2000 }) } })
      server.handler = (_, response) => json(response, 200, { tags: ['a'] })
      await tags('a')
      await new Promise((resolve) => setTimeout(resolve, 2100))
      await tags('b')
      pages(1, 20)
      expect((await failure(tags(), 'NETWORK_TIMEOUT')).expected).to.contain('within 2 seconds')
      await failure(tags('c'), 'NETWORK_TIMEOUT')
    })

    it('have a bound in names, whichever of them they are in', async () => {
      using()
      const lister = new RegistryTags(client, 2500)
      server.handler = ({ url }, response) => {
        const names = Array.from({ length: 1000 }, (_, i) => `n${i}`)
        json(response, 200, url.includes('_catalog') ? { repositories: names } : { tags: names })
      }
      await lister.repositories(server.host, {})
      await lister.tags(server.host, 'n1', {})
      const error = await failure(lister.tags(server.host, 'n2', {}), 'DOCUMENT_TOO_LARGE')
      expect(error.expected).to.contain('2500 names')
      expect(error.remedy).to.contain('exact name')
    })

    it('of an honest registry are read: 20000 repositories, and 50000 tags', async () => {
      using({ timeouts: {} })
      const lister = new RegistryTags(client)
      const paged = (key: string, count: number): FaultyServer['handler'] => {
        return ({ url }, response) => {
          const from = Number(/last=(\d+)/.exec(url)?.[1] ?? 0)
          const page = Array.from({ length: 1000 }, (_, i) => `name-of-some-length-${from + i}`)
          const next = `</v2/${key === 'tags' ? 'base/image/tags/list' : '_catalog'}?last=${from + 1000}>; rel="next"`
          json(response, 200, { [key]: page }, from + 1000 < count ? { link: next } : {})
        }
      }
      server.handler = paged('repositories', 20_000)
      expect(await lister.repositories(server.host, {})).to.have.length(20_000)
      server.handler = paged('tags', 50_000)
      expect(await lister.tags(server.host, 'base/image', {})).to.have.length(50_000)
    })
  })

  describe('a document', () => {
    it('that crawls is given up, and not asked for again', async () => {
      using()
      server.handler = (_, response) => {
        response.writeHead(200, { 'content-type': MEDIA_TYPES.ociManifest })
        drip(response, 40)
      }
      const error = await failure(source().resolve('1.0'), 'NETWORK_TIMEOUT')
      expect(error.message).to.equal(`${server.host} sends too slowly.`)
      expect(error.expected).to.equal('at least 24 bytes in 0.15 seconds')
      expect(server.seen).to.have.length(1)
    })

    it('that comes fast enough, but not to its end, has a bound in time', async () => {
      using({ bounds: { document: bounds({ time: 400 }) } })
      server.handler = (_, response) => {
        response.writeHead(200, { 'content-type': MEDIA_TYPES.ociManifest })
        drip(response, 10, ' '.repeat(50))
      }
      const error = await failure(source().resolve('1.0'), 'NETWORK_TIMEOUT')
      expect(error.expected).to.equal('the whole of it within 0.4 seconds')
      expect(error.message).to.contain(
        formatReference({ registry: server.host, repository: 'demo', tag: '1.0' }),
      )
    })

    it('that breaks again and again has a bound in bytes for all attempts', async () => {
      using({ bounds: { document: bounds({ bytes: 25_000 }) } })
      server.handler = (_, response) => {
        response.writeHead(200, { 'content-type': MEDIA_TYPES.ociManifest, 'content-length': 20_000 })
        response.write(' '.repeat(10_000), () => response.destroy())
      }
      await failure(source().resolve('1.0'), 'DOCUMENT_TOO_LARGE')
      expect(server.seen.length).to.be.within(3, 4)
    })

    for (const [what, handler] of [
      ['crawls', (response: ServerResponse) => drip(response, 40)],
      ['has no end', (response: ServerResponse) => drip(response, 5, ' '.repeat(1000))],
    ] as const)
      it(`of a config that ${what} is given up`, async () => {
        using({ bounds: { document: bounds({ time: 400 }) } })
        const config = { ...blob(Buffer.alloc(900_000)), mediaType: MEDIA_TYPES.ociConfig }
        server.handler = (_, response) => {
          response.writeHead(200, { 'content-length': config.size })
          handler(response)
        }
        await failure(readVerified(source(), config, 1e6), 'NETWORK_TIMEOUT')
        expect(server.seen.length).to.be.at.most(1)
      })

    it('at a URL is given up where it crawls, has no end, or breaks after each byte', async () => {
      using({ bounds: { document: bounds({ time: 400 }) } })
      server.handler = (_, response) => drip(response, 40)
      expect((await failure(index(), 'NETWORK_TIMEOUT')).message).to.contain('too slowly')
      server.handler = (_, response) => drip(response, 5, ' '.repeat(300))
      const error = await failure(index(), 'NETWORK_TIMEOUT')
      expect(error.message).to.contain(`${server.host}/i.json takes`)
      expect(JSON.stringify(error)).not.to.contain('secret')
      await client.close()
      using()
      server.handler = (request, response) => {
        const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
        response.writeHead(from > 0 ? 206 : 200, {
          'content-length': 1000 - from,
          ...(from > 0 ? { 'content-range': `bytes ${from}-999/1000` } : {}),
        })
        response.write(' ', () => response.destroy())
      }
      await failure(index(), 'NETWORK_UNREACHABLE')
    })

    it('of an honest server that stops for a moment is read', async () => {
      using({ timeouts: { bodyIdle: 5000 } })
      server.handler = (_, response) => {
        response.write('{"images":')
        setTimeout(() => response.end('[]}'), 100)
      }
      expect(Buffer.from(await index()).toString()).to.equal('{"images":[]}')
    })
  })

  describe('the way to an answer', () => {
    it('does not lead through 1xx without end', async () => {
      using({ timeouts: { headers: 200 } })
      server.handler = (_, response) => {
        const timer = setInterval(() => response.writeEarlyHints({ link: '</a>; rel=preload' }), 20)
        response.on('close', () => clearInterval(timer))
      }
      const error = await failure(tags(), 'NETWORK_TIMEOUT')
      expect(error.expected).to.equal('the head of an answer within 0.2 seconds')
      await failure(source().resolve('1.0'), 'NETWORK_TIMEOUT')
      await failure(all(source().read(blob(Buffer.from('x')))), 'NETWORK_TIMEOUT')
    })

    it('bears a 1xx or two', async () => {
      using()
      server.handler = (_, response) => {
        response.writeProcessing()
        setTimeout(() => response.writeProcessing(), 50)
        setTimeout(() => json(response, 200, { tags: ['a'] }), 100)
      }
      expect(await tags()).to.deep.equal(['a'])
    })

    it('does not wait for a body that nobody wants: of a redirect, a refusal, or a busy server', async () => {
      using()
      const bytes = Buffer.from('a layer')
      const unwanted = (response: ServerResponse, status: number, headers = {}) => {
        response.writeHead(status, { 'content-length': 1000, ...headers })
        drip(response, 40, ' '.repeat(4))
      }
      server.handler = (request, response, count) => {
        if (request.url === '/there') serve(request, response, bytes)
        else if (count === 0) unwanted(response, 503)
        else unwanted(response, 307, { location: '/there' })
      }
      expect(await all(source().read(blob(bytes)))).to.deep.equal(bytes)
    })

    it('tells the status of an error whose body does not come', async () => {
      using()
      server.handler = (_, response) => {
        response.writeHead(404, { 'content-length': 1000 })
        drip(response, 30, ' '.repeat(20))
      }
      const error = await failure(all(source().read(blob(Buffer.from('x')))), 'NOT_FOUND')
      expect(error.found).to.equal('status 404')
    })

    it('asks a token service no longer than a token is worth', async () => {
      for (const [piece, everyMs, code] of [
        [' ', 40, 'NETWORK_TIMEOUT'],
        [' '.repeat(50), 10, 'NETWORK_TIMEOUT'],
        [' '.repeat(9000), 5, 'DOCUMENT_TOO_LARGE'],
      ] as const) {
        using({ bounds: { token: bounds({ bytes: 50_000, time: 400 }) } })
        server.handler = ({ url }, response) => {
          if (url.startsWith('/token')) drip(response, everyMs, piece)
          else
            json(
              response,
              401,
              {},
              { 'www-authenticate': `Bearer realm="${server.origin}/token",service="x"` },
            )
        }
        const error = await failure(all(source().read(blob(Buffer.from('x')))), code)
        expect(error.expected).to.match(/bytes|seconds/)
        await client.close()
      }
    })

    it('does not wait longer for a busy server than the document may take', async () => {
      using({
        bounds: { document: bounds({ time: 5000 }) },
        retry: { retries: 3, pause: 1, longestPause: 60_000 },
      })
      server.handler = (_, response) => json(response, 429, {}, { 'retry-after': '59' })
      await failure(source().resolve('1.0'), 'RATE_LIMITED')
      expect(server.seen).to.have.length(1)
    })
  })

  it('that sends a layer byte by byte, a connection each, is left in the end', async () => {
    using()
    const bytes = Buffer.alloc(100_000)
    server.handler = (request, response) => {
      const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
      response.writeHead(from > 0 ? 206 : 200, {
        'content-length': bytes.length - from,
        ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
      })
      response.write('x', () => response.destroy())
    }
    await failure(all(source().read(blob(bytes))), 'NETWORK_UNREACHABLE')
    expect(server.seen).to.have.length(4)
  })

  it('stops at once where the user does, with nothing left to wait for', async () => {
    using()
    const stop = new AbortController()
    server.handler = (_, response) => {
      drip(response, 10, ' '.repeat(50))
      setTimeout(() => stop.abort(), 50)
    }
    const reading = new RegistryTags(client).tags(server.host, 'x', { signal: stop.signal })
    await failure(reading, 'INTERRUPTED')
  })
})
