import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { type Descriptor, MEDIA_TYPES, parseReference } from '../../../manifests/index.js'
import type { RegistryClient } from '../../../provider/registry/client.js'
import type { ClientOptions } from '../../../provider/registry/settings.js'
import { openRegistrySource } from '../../../provider/registry/source.js'
import { scratch } from '../../scratch.js'
import { type Certificate, selfSigned } from './certificates.js'
import { dockerConfig } from './docker-config.js'
import { type FaultyServer, json, serve, startFaultyServer } from './faulty-server.js'
import { all, blob, failure, impatientClient } from './reading.js'

describe('foreign layers (containerd CVE-2020-15157)', () => {
  const temporary = scratch()
  const bytes = randomBytes(100_000)
  let certificate: Certificate
  let registry: FaultyServer
  let store: FaultyServer
  const clients: RegistryClient[] = []

  before(async () => {
    certificate = selfSigned(temporary.folder())
    registry = await startFaultyServer((_, response) => json(response, 404, {}))
    store = await startFaultyServer((request, response) => serve(request, response, bytes), certificate)
  })
  after(async () => {
    await registry.stop()
    await store.stop()
    temporary.remove()
  })
  beforeEach(() => {
    registry.seen.length = 0
    store.seen.length = 0
    store.handler = (request, response) => serve(request, response, bytes)
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close()
  })

  const layer = (...urls: string[]): Descriptor => ({
    ...blob(bytes, MEDIA_TYPES.dockerForeignLayerGzip),
    ...(urls.length > 0 ? { urls } : {}),
  })

  function read(descriptor: Descriptor, options: ClientOptions = {}): Promise<Buffer> {
    const auths = { [registry.host]: 'user:secret', [store.host]: 'user:secret' }
    const client = impatientClient({
      caFile: certificate.file,
      dockerConfig: dockerConfig(temporary.folder(), auths),
      ...options,
    })
    clients.push(client)
    return all(openRegistrySource(client, parseReference(`${registry.host}/windows`)).read(descriptor))
  }
  const allowed = () => ({ allowForeignHosts: [store.host] })

  it('are taken from the registry where it has them', async () => {
    const before = registry.handler
    registry.handler = (request, response) => serve(request, response, bytes)
    expect((await read(layer(`${store.origin}/layer`))).equals(bytes)).to.equal(true)
    expect(store.seen).to.deep.equal([])
    registry.handler = before
  })

  it('are fetched from their URL on an allowed host, without credentials even where it asks for them', async () => {
    expect((await read(layer(`${store.origin}/layer`), allowed())).equals(bytes)).to.equal(true)
    expect(registry.seen).to.have.length(1)
    store.handler = (_, response) => json(response, 401, {}, { 'www-authenticate': 'Basic realm="x"' })
    await failure(read(layer(`${store.origin}/layer`), allowed()), 'UNAUTHORIZED')
    expect(store.seen.every((request) => request.headers.authorization === undefined)).to.equal(true)
  })

  it('go on there after a lost connection, without asking the registry again', async () => {
    store.handler = (request, response, count) => {
      if (count > 0) return serve(request, response, bytes)
      response.writeHead(200, { 'content-length': bytes.length })
      return response.write(bytes.subarray(0, 50_000), () => response.destroy())
    }
    expect((await read(layer(`${store.origin}/layer`), allowed())).equals(bytes)).to.equal(true)
    expect(store.seen[1]?.headers.range).to.match(/^bytes=[1-9]/)
    expect(registry.seen).to.have.length(1)
  })

  it('are looked for at the next URL where one fails', async () => {
    store.handler = (request, response) =>
      request.url === '/second' ? serve(request, response, bytes) : json(response, 404, {})
    const urls = ['https://evil.example/layer', `${store.origin}/first`, `${store.origin}/second`]
    expect((await read(layer(...urls), allowed())).equals(bytes)).to.equal(true)
  })

  it('are refused from a host that is not allowed, and it is not asked', async () => {
    const error = await failure(read(layer(`${store.origin}/layer`)), 'FOREIGN_URL_REFUSED')
    expect(error.found).to.equal(store.host)
    expect(error.remedy).to.contain('`allowForeignHosts`')
    expect(store.seen).to.deep.equal([])
  })

  for (const [what, url] of [
    ['plain http', 'http://mcr.microsoft.com/layer'],
    ['a URL with credentials', 'https://user:pass@mcr.microsoft.com/layer'],
    ['a host that only looks like one of the built-in ones', 'https://mcr.microsoft.com.evil.example/layer'],
    ['another host that ends alike', 'https://evilmcr.microsoft.com/layer'],
    ['the domain of a wildcard itself', 'https://blob.core.windows.net/layer'],
    ['something that is not a URL', 'mcr.microsoft.com/layer'],
  ] as const)
    it(`are refused from ${what}`, async () => {
      await failure(read(layer(url)), 'FOREIGN_URL_REFUSED')
    })

  it('are refused where an allowed host redirects to one that is not', async () => {
    const other = await startFaultyServer((request, response) => serve(request, response, bytes), certificate)
    store.handler = (_, response) => response.writeHead(302, { location: `${other.origin}/layer` }).end()
    await failure(read(layer(`${store.origin}/layer`), allowed()), 'FOREIGN_URL_REFUSED')
    expect(other.seen).to.deep.equal([])
    const both = { allowForeignHosts: [store.host, other.host] }
    expect((await read(layer(`${store.origin}/layer`), both)).equals(bytes)).to.equal(true)
    await other.stop()
  })

  it('are refused where the redirect leaves https', async () => {
    store.handler = (_, response) => response.writeHead(302, { location: `${registry.origin}/layer` }).end()
    const both = { allowForeignHosts: [store.host, registry.host] }
    await failure(read(layer(`${store.origin}/layer`), both), 'FOREIGN_URL_REFUSED')
  })

  it('are not fetched where they are left out', async () => {
    const options = { ...allowed(), noForeign: true }
    await failure(read(layer(`${store.origin}/layer`), options), 'FOREIGN_URL_REFUSED')
    expect(store.seen).to.deep.equal([])
  })

  it('without a URL are not found', async () => {
    await failure(read(layer()), 'NOT_FOUND')
  })

  it('of another size are refused', async () => {
    store.handler = (request, response) => serve(request, response, bytes.subarray(1))
    await failure(read(layer(`${store.origin}/layer`), allowed()), 'SIZE_MISMATCH')
  })

  it('are the only ones that are looked for at URLs', async () => {
    const usual = { ...layer(`${store.origin}/layer`), mediaType: MEDIA_TYPES.ociLayerGzip }
    await failure(read(usual, allowed()), 'NOT_FOUND')
    expect(store.seen).to.deep.equal([])
  })
})
