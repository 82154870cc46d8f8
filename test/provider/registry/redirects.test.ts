import { expect } from 'chai'
import { parseReference } from '../../../manifests/index.js'
import type { RegistryClient } from '../../../provider/registry/client.js'
import { connector } from '../../../provider/registry/connector.js'
import { ReceiveBuffers } from '../../../provider/registry/receive-buffers.js'
import { openRegistrySource } from '../../../provider/registry/source.js'
import { scratch } from '../../scratch.js'
import { selfSigned } from './certificates.js'
import { dockerConfig } from './docker-config.js'
import { type FaultyServer, serve, startFaultyServer } from './faulty-server.js'
import { all, blob, failure, impatientClient } from './reading.js'

describe('redirects', () => {
  const temporary = scratch()
  const bytes = Buffer.from('the bytes behind the redirect')
  let registry: FaultyServer
  let storage: FaultyServer
  let client: RegistryClient

  before(async () => {
    registry = await startFaultyServer(() => undefined)
    storage = await startFaultyServer((request, response) => serve(request, response, bytes))
  })
  after(async () => {
    await registry.stop()
    await storage.stop()
    temporary.remove()
  })
  beforeEach(() => {
    registry.seen.length = 0
    storage.seen.length = 0
    client = impatientClient({
      dockerConfig: dockerConfig(temporary.folder(), { [registry.host]: 'user:secret' }),
    })
  })
  afterEach(() => client.close())

  const read = (from = 0) => {
    const source = openRegistrySource(client, parseReference(`${registry.host}/base/image`))
    return all(source.read(blob(bytes), { from }))
  }
  const leadTo = (location: string, status = 307): FaultyServer['handler'] => {
    return (_, response) => response.writeHead(status, { location }).end()
  }

  for (const status of [301, 302, 303, 307, 308])
    it(`are followed, with ${status}`, async () => {
      registry.handler = leadTo(`${storage.origin}/data?signature=x`, status)
      expect((await read()).equals(bytes)).to.equal(true)
      expect(storage.seen[0]?.url).to.equal('/data?signature=x')
    })

  it('carry Range along, and are asked for anew with each request', async () => {
    registry.handler = leadTo(`${storage.origin}/data`)
    await read(10)
    expect(storage.seen[0]?.headers.range).to.equal('bytes=10-')
    await read()
    expect(registry.seen).to.have.length(2)
  })

  it('are followed relative to where they are', async () => {
    registry.handler = (request, response) =>
      request.url === '/elsewhere'
        ? serve(request, response, bytes)
        : leadTo('/elsewhere')(request, response, 0)
    expect((await read()).equals(bytes)).to.equal(true)
  })

  it('do not carry credentials to another host (undici CVE-2023-45143, oras-go GHSA-vh4v-2xq2-g5cg)', async () => {
    registry.handler = (request, response) => {
      if (request.headers.authorization) return leadTo(`${storage.origin}/data`)(request, response, 0)
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
    }
    expect((await read()).equals(bytes)).to.equal(true)
    expect(registry.seen.at(-1)?.headers.authorization).to.match(/^Basic /)
    expect(storage.seen[0]?.headers).not.to.have.property('authorization')
  })

  it('do not answer the challenge of another host (go-containerregistry PR 2349)', async () => {
    registry.handler = leadTo(`${storage.origin}/data`)
    const before = storage.handler
    for (const challenge of [`Bearer realm="${storage.origin}/token"`, 'Basic realm="x"']) {
      storage.seen.length = 0
      storage.handler = (_, response) => response.writeHead(401, { 'www-authenticate': challenge }).end()
      await failure(read(), 'UNAUTHORIZED')
      expect(storage.seen.map((request) => request.url)).to.deep.equal(['/data'])
      expect(storage.seen[0]?.headers).not.to.have.property('authorization')
    }
    storage.handler = before
  })

  it('end after five', async () => {
    registry.handler = leadTo('/round')
    const error = await failure(read(), 'REDIRECT_REFUSED')
    expect(error.expected).to.equal('at most 5 redirects')
    expect(registry.seen).to.have.length(6)
  })

  for (const [what, location] of [
    ['a URL with credentials', 'http://user:pass@127.0.0.1:1/'],
    ['plain http on another host', 'http://example.invalid/'],
    ['another protocol', 'file:///etc/passwd'],
    ['no URL', 'http://['],
  ] as const)
    it(`are refused to ${what}`, async () => {
      registry.handler = leadTo(location)
      await failure(read(), 'REDIRECT_REFUSED')
    })

  it('are refused without Location', async () => {
    registry.handler = (_, response) => response.writeHead(302).end()
    await failure(read(), 'REDIRECT_REFUSED')
  })

  it('are refused from https to http', async () => {
    const certificate = selfSigned(temporary.folder())
    const secure = await startFaultyServer(leadTo(`${storage.origin}/data`), certificate)
    const trusting = impatientClient({ caFile: certificate.file })
    const source = openRegistrySource(trusting, parseReference(`${secure.host}/a`))
    const error = await failure(all(source.read(blob(bytes))), 'REDIRECT_REFUSED')
    expect(error.message).to.contain('from https to http')
    expect(storage.seen).to.deep.equal([])
    await trusting.close()
    await secure.stop()
  })

  it('lead to no private address that a public name turns out to have (DNS rebinding)', async () => {
    for (const address of ['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', '::ffff:192.168.0.1']) {
      const connect = connector({
        reach: 'public',
        timeout: 1000,
        buffers: new ReceiveBuffers(),
        tlsOf: () => ({ secureContext: undefined, verified: true }),
        onConnected: () => expect.fail('connected'),
        onBroken: () => {},
        lookup: (_hostname, _options, callback) =>
          callback(null, [{ address, family: address.includes(':') ? 6 : 4 }]),
      })
      const { port } = new URL(storage.origin)
      const target = { hostname: 'rebound.example', host: `rebound.example:${port}`, protocol: 'http:', port }
      const connecting = new Promise((resolve, reject) =>
        connect(target, (error, socket) => (error ? reject(error) : resolve(socket))),
      )
      await failure(connecting, 'REDIRECT_REFUSED')
    }
  })
})
