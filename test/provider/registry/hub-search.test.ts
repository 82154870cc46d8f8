import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { expect } from 'chai'
import { searchHub } from '../../../provider/registry/hub-search.js'
import { scratch } from '../../scratch.js'
import { type Certificate, selfSigned } from './certificates.js'
import { type FaultyServer, json, startFaultyServer } from './faulty-server.js'
import { failure, impatientClient } from './reading.js'

/** Stands for index.docker.io behind a proxy that leads every tunnel to it. */
describe('the search of Docker Hub', () => {
  const temporary = scratch()
  let certificate: Certificate
  let hub: FaultyServer
  let proxy: http.Server
  const asked: string[] = []

  before(async () => {
    certificate = selfSigned(temporary.folder(), 'DNS:index.docker.io')
    hub = await startFaultyServer(() => {}, certificate)
    proxy = http.createServer()
    proxy.on('connect', (request, socket: net.Socket) => {
      asked.push(request.url ?? '')
      const onward = net.connect(Number(hub.host.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        socket.pipe(onward).pipe(socket)
      })
      for (const end of [socket, onward]) end.on('error', () => end.destroy())
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  })
  after(async () => {
    await new Promise<void>((resolve) => {
      proxy.close(() => resolve())
      proxy.closeAllConnections()
    })
    await hub.stop()
    temporary.remove()
  })

  async function hits(limit = 25, mirrors = {}) {
    hub.seen.length = 0
    const { port } = proxy.address() as AddressInfo
    const environment = { HTTPS_PROXY: `http://127.0.0.1:${port}` }
    const client = impatientClient({ environment, caFile: certificate.file, mirrors })
    try {
      return await searchHub(client, 'a b&n=1', limit)
    } finally {
      await client.close()
    }
  }

  it('gives names, descriptions, stars, and which are official, and nothing of a terminal', async () => {
    hub.handler = (_, response) =>
      json(response, 200, {
        num_results: 3,
        query: 'a b',
        results: [
          {
            name: 'debian',
            description: 'Debian\u001b[31m',
            star_count: 4900,
            is_official: true,
            is_automated: false,
          },
          { name: 'me/debian', description: null, star_count: 'many', is_official: 'yes' },
          { description: 'without a name' },
          'nothing',
        ],
      })
    const found = await hits()
    expect(asked).to.include('index.docker.io:443')
    expect(hub.seen[0]?.url).to.equal('/v1/search?q=a+b%26n%3D1&n=25')
    expect(hub.seen[0]?.headers).not.to.have.property('authorization')
    expect(found).to.have.length(2)
    expect(found[0]).to.include({ name: 'debian', source: 'docker.io', stars: 4900, official: true })
    expect(found[0]?.description).not.to.contain('\u001b')
    expect(found[1]).to.deep.equal({
      name: 'me/debian',
      description: '',
      source: 'docker.io',
      stars: 0,
      official: false,
    })
  })

  it('asks for a hundred at most, and gives no more than were wanted', async () => {
    const results = Array.from({ length: 30 }, (_, i) => ({ name: `n${i}` }))
    hub.handler = (_, response) => json(response, 200, { results })
    expect(await hits(10)).to.have.length(10)
    await hits(500)
    expect(hub.seen[0]?.url).to.match(/n=100$/)
  })

  it('that answers with something else is an error', async () => {
    hub.handler = (_, response) => json(response, 200, ['debian'])
    await failure(hits(), 'INVALID_DOCUMENT')
    hub.handler = (_, response) => json(response, 429, {})
    await failure(hits(), 'RATE_LIMITED')
  })

  it('is not asked where only the mirrors of Docker Hub may be', async () => {
    const mirrors = { 'docker.io': { endpoints: [{ url: 'https://site.example' }], upstream: false } }
    await failure(hits(25, mirrors), 'MIRROR_ONLY')
    expect(hub.seen).to.deep.equal([])
  })
})
