import { type AddressInfo, createServer } from 'node:net'
import { expect } from 'chai'
import { parseReference } from '../../../manifests/index.js'
import type { RegistryClient } from '../../../provider/registry/client.js'
import { remoteRepository } from '../../../provider/registry/endpoints.js'
import type { ClientOptions } from '../../../provider/registry/settings.js'
import { openRegistrySource } from '../../../provider/registry/source.js'
import { RegistryTags } from '../../../provider/registry/tags.js'
import { scratch } from '../../scratch.js'
import { selfSigned } from './certificates.js'
import { type FaultyServer, json, startFaultyServer } from './faulty-server.js'
import { failure, impatientClient } from './reading.js'

describe('where a registry is served', () => {
  const temporary = scratch()
  const certificate = selfSigned(temporary.folder())
  let plain: FaultyServer
  let secure: FaultyServer
  const clients: RegistryClient[] = []

  before(async () => {
    plain = await startFaultyServer((_, response) => json(response, 200, { tags: ['plain'] }))
    secure = await startFaultyServer((_, response) => json(response, 200, { tags: ['secure'] }), certificate)
  })
  after(async () => {
    await plain.stop()
    await secure.stop()
    temporary.remove()
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close()
  })

  function tags(registry: string, options: ClientOptions = {}, insecure?: boolean): Promise<string[]> {
    const client = impatientClient(options)
    clients.push(client)
    return new RegistryTags(client).tags(registry, 'a', insecure === undefined ? {} : { insecure })
  }
  const port = (server: FaultyServer) => new URL(server.origin).port

  it('is plain http on this machine, under each of its names', async () => {
    expect(await tags(plain.host)).to.deep.equal(['plain'])
    expect(await tags(`localhost:${port(plain)}`)).to.deep.equal(['plain'])
  })

  it('is https on this machine where it speaks that', async () => {
    expect(await tags(secure.host, { caFile: certificate.file })).to.deep.equal(['secure'])
    expect(await tags(`localhost:${port(secure)}`, { caFile: certificate.file })).to.deep.equal(['secure'])
  })

  it('is asked once', async () => {
    let greetings = 0
    const counting = createServer((socket) => {
      greetings++
      socket.on('error', () => {})
      socket.once('data', (data) => {
        const body = '{"tags":["x"]}'
        const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`
        socket.end(data[0] === 0x16 ? 'HTTP/1.1 400 Bad Request\r\n\r\n' : answer)
      })
    })
    await new Promise<void>((resolve) => counting.listen(0, '127.0.0.1', resolve))
    const host = `127.0.0.1:${(counting.address() as AddressInfo).port}`
    const client = impatientClient()
    clients.push(client)
    const lister = new RegistryTags(client)
    await Promise.all([lister.tags(host, 'a', {}), lister.tags(host, 'a', {})])
    await lister.tags(host, 'a', {})
    // One in TLS, one in plain, and one for each of the three lists.
    expect(greetings).to.equal(5)
    await new Promise((resolve) => counting.close(resolve))
  })

  it('is not given up for plain http where the certificate is not trusted', async () => {
    const error = await failure(tags(secure.host), 'CERTIFICATE_UNTRUSTED')
    expect(error.message).to.contain('it is signed by itself')
    expect(error.remedy).to.contain('`caFile`')
    await failure(tags(secure.host, { insecure: true }), 'CERTIFICATE_UNTRUSTED')
  })

  it('is refused with a certificate for another name', async () => {
    const other = selfSigned(temporary.folder(), 'DNS:other.example')
    const server = await startFaultyServer((_, response) => json(response, 200, {}), other)
    const error = await failure(tags(server.host, { caFile: other.file }), 'CERTIFICATE_UNTRUSTED')
    expect(error.message).to.contain('another host name')
    await server.stop()
  })

  it('is https elsewhere, and plain http only where that is allowed', async function () {
    // An address that leads to this machine and does not say so; Windows has none that always works.
    if (process.platform === 'win32') this.skip()
    const host = `0.0.0.0:${port(plain)}`
    const error = await failure(tags(host), 'SOURCE_INSECURE')
    expect(error.message).to.contain('does not speak https')
    expect(await tags(host, {}, true)).to.deep.equal(['plain'])
    expect(await tags(host, { insecure: true })).to.deep.equal(['plain'])
  })

  it('is not to be reached with a file of authorities that is none', async () => {
    await failure(tags(secure.host, { caFile: `${temporary.folder()}/none` }), 'PATH_NOT_FOUND')
    await failure(tags(secure.host, { caFile: certificate.keyFile }), 'SOURCE_INVALID')
  })

  it('is trusted with the system and with both files of authorities', async () => {
    const second = selfSigned(temporary.folder())
    const environment = { NODE_EXTRA_CA_CERTS: certificate.file }
    expect(await tags(secure.host, { caFile: second.file, environment })).to.deep.equal(['secure'])
  })

  it('keeps the official images of Docker Hub below library/', () => {
    expect(remoteRepository('docker.io', 'debian')).to.equal('library/debian')
    expect(remoteRepository('docker.io', 'grafana/grafana')).to.equal('grafana/grafana')
    expect(remoteRepository('quay.io', 'debian')).to.equal('debian')
    const client = impatientClient()
    clients.push(client)
    expect(openRegistrySource(client, parseReference('docker.io/debian:12')).label).to.equal(
      'docker.io/library/debian',
    )
  })

  for (const registry of ['a b', 'user:pass@host', 'host/path', 'host?x', '', 'host:99999'])
    it(`is not at ${JSON.stringify(registry)}`, async () => {
      await failure(tags(registry), 'INVALID_REFERENCE')
    })
})
