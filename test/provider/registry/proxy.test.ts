import http from 'node:http'
import net, { type AddressInfo } from 'node:net'

import { expect } from 'chai'
import { parseReference } from '../../../manifests/index.js'
import { networkError } from '../../../provider/registry/network-error.js'
import { proxyFor } from '../../../provider/registry/proxy.js'
import { DEFAULT_TIMEOUTS } from '../../../provider/registry/settings.js'
import { openRegistrySource } from '../../../provider/registry/source.js'
import { scratch } from '../../scratch.js'
import { selfSigned } from './certificates.js'
import { type FaultyServer, serve, startFaultyServer } from './faulty-server.js'
import { all, blob, failure, impatientClient } from './reading.js'

describe('proxies', () => {
  const proxy = (url: string, environment: NodeJS.ProcessEnv) => proxyFor(new URL(url), environment)?.href

  it('are named for each scheme, in both cases', () => {
    expect(proxy('http://a.example/', { HTTP_PROXY: 'http://p:1' })).to.equal('http://p:1/')
    expect(proxy('https://a.example/', { https_proxy: 'http://p:2' })).to.equal('http://p:2/')
    expect(proxy('https://a.example/', { HTTP_PROXY: 'http://p:1' })).to.equal(undefined)
    expect(proxy('http://a.example/', { http_proxy: 'p:3', HTTP_PROXY: 'http://p:1' })).to.equal(
      'http://p:3/',
    )
    expect(proxy('http://a.example/', { http_proxy: '' })).to.equal(undefined)
  })

  it('are never asked for this machine', () => {
    for (const host of ['localhost', '127.0.0.1:5000', '[::1]:5000'])
      expect(proxy(`http://${host}/`, { HTTP_PROXY: 'http://p:1' }), host).to.equal(undefined)
  })

  const direct: [string, string][] = [
    ['*', 'https://a.example/'],
    ['a.example', 'https://a.example/'],
    ['example', 'https://a.example/'],
    ['.example', 'https://a.example/'],
    ['*.example', 'https://a.example/'],
    ['x, A.EXAMPLE', 'https://a.example/'],
    ['x a.example:443', 'https://a.example/'],
    ['a.example:5000', 'https://a.example:5000/'],
    ['10.0.0.0/8', 'https://10.1.2.3/'],
    ['10.1.2.3', 'https://10.1.2.3/'],
    ['fd00::/8', 'https://[fd00::1]/'],
    ['[fd00::1]', 'https://[fd00::1]:5000/'],
    ['fd00:0:0:0::0001', 'https://[fd00::1]/'],
    ['[fd00::1]:5000', 'https://[fd00::1]:5000/'],
    ['10.1.2.3:5000', 'https://10.1.2.3:5000/'],
    ['.a.example', 'https://b.a.example/'],
    ['.example:5000', 'https://a.example:5000/'],
    ['a.example, *', 'https://other.test/'],
  ]
  for (const [list, url] of direct)
    it(`are passed by for ${url} with NO_PROXY=${list}`, () => {
      expect(proxy(url, { HTTPS_PROXY: 'http://p:1', NO_PROXY: list })).to.equal(undefined)
    })

  const through: [string, string][] = [
    ['', 'https://a.example/'],
    ['b.example', 'https://a.example/'],
    ['.example', 'https://example.org/'],
    ['ample', 'https://a.example/'],
    ['a.example:80', 'https://a.example/'],
    ['10.0.0.0/8', 'https://11.1.2.3/'],
    ['10.0.0.0/99', 'https://10.1.2.3/'],
    ['10.1.2.3', 'https://10.1.2.33/'],
    ['10.1.2.3:5000', 'https://10.1.2.3/'],
    ['.a.example', 'https://a.example/'],
    ['*.a.example', 'https://a.example/'],
    ['.example:5000', 'https://a.example/'],
    ['fd00::/8', 'https://10.1.2.3/'],
    ['10.0.0.0/8', 'https://10.example/'],
  ]
  for (const [list, url] of through)
    it(`are asked for ${url} with NO_PROXY=${list || '(empty)'}`, () => {
      expect(proxy(url, { HTTPS_PROXY: 'http://p:1', NO_PROXY: list })).to.equal('http://p:1/')
    })

  it('that cannot be used are refused without showing their password', async () => {
    const source = openRegistrySource(
      impatientClient({ environment: { HTTPS_PROXY: 'ftp://user:secret@p:1' } }),
      parseReference('registry.example/a:1'),
    )
    const error = await failure(source.resolve('1'), 'NETWORK_UNREACHABLE')
    expect(error.message).to.contain('HTTPS_PROXY')
    expect(JSON.stringify([error.message, error])).not.to.contain('secret')
  })
})

describe('a registry behind a proxy', () => {
  const temporary = scratch()
  const bytes = Buffer.from('a small blob')
  let server: FaultyServer
  let proxy: TinyProxy

  before(async () => {
    server = await startFaultyServer((request, response) => serve(request, response, bytes))
    proxy = await startProxy(server.host)
  })
  after(async () => {
    await proxy.stop()
    await server.stop()
    temporary.remove()
  })
  beforeEach(() => {
    proxy.requests.length = 0
    proxy.tunnels.length = 0
  })

  it('is reached over plain http through HTTP_PROXY, with the proxy and its user told to the proxy only', async () => {
    const client = impatientClient({
      environment: { HTTP_PROXY: `http://user:secret@${proxy.host}` },
      insecure: true,
    })
    const source = openRegistrySource(client, parseReference('registry.test:5000/a:1'))
    expect((await all(source.read(blob(bytes)))).equals(bytes)).to.equal(true)
    expect(proxy.requests.at(-1)).to.match(/^http:\/\/registry\.test:5000\/v2\/a\/blobs\//)
    expect(proxy.authorization).to.equal(`Basic ${Buffer.from('user:secret').toString('base64')}`)
    expect(server.seen.at(-1)?.headers).not.to.have.property('proxy-authorization')
    await client.close()
  })

  it('leaves nothing of its name in what is sent to others', async () => {
    const environment = { HTTP_PROXY: `http://${proxy.host}` }
    const client = impatientClient({ environment, insecure: true })
    await all(openRegistrySource(client, parseReference('registry.test:5000/a:1')).read(blob(bytes)))
    server.seen.length = 0
    await all(openRegistrySource(client, parseReference(`${server.host}/a:1`)).read(blob(bytes)))
    expect(server.seen.map(({ headers }) => headers.host)).to.deep.equal([server.host])
    await client.close()
  })

  it('is reached over https by a tunnel through HTTPS_PROXY, and its certificate checked', async () => {
    const certificate = selfSigned(temporary.folder(), 'DNS:registry.test')
    const secure = await startFaultyServer(
      (request, response) => serve(request, response, bytes),
      certificate,
    )
    const tunnel = await startProxy(server.host, secure.host)
    const environment = { HTTPS_PROXY: `http://${tunnel.host}` }
    const client = impatientClient({ environment, caFile: certificate.file })
    const source = openRegistrySource(client, parseReference('registry.test/a:1'))
    expect((await all(source.read(blob(bytes)))).equals(bytes)).to.equal(true)
    expect(tunnel.tunnels).to.deep.equal(['registry.test:443'])
    const other = openRegistrySource(client, parseReference('other.test/a:1'))
    await failure(all(other.read(blob(bytes))), 'CERTIFICATE_UNTRUSTED')
    await client.close()
    await tunnel.stop()
    await secure.stop()
  })

  it('names the proxy where that does not let it through', async () => {
    const client = impatientClient({ environment: { HTTPS_PROXY: `http://${proxy.host}` } })
    const source = openRegistrySource(client, parseReference('registry.test/a:1'))
    const error = await failure(all(source.read(blob(bytes))), 'NETWORK_UNREACHABLE')
    expect(proxy.tunnels).to.deep.equal(['registry.test:443'])
    expect(error.message).to.contain(`registry.test (through the proxy ${proxy.host})`)
    await client.close()
  })

  for (const [when, close] of [
    ['at once', (socket: net.Socket) => void socket.destroy()],
    ['with an end', (socket: net.Socket) => void socket.resume().end()],
    ['when it was asked', (socket: net.Socket) => void socket.once('data', () => socket.destroy())],
    [
      'in the middle of a word',
      (socket: net.Socket) => void socket.once('data', () => socket.end('HTTP/1.1 2')),
    ],
  ] as const)
    it(`is asked for again a few times, with pauses, where the proxy closes the connection ${when}`, async () => {
      let connections = 0
      const closing = net.createServer((socket) => {
        connections++
        socket.on('error', () => {})
        close(socket)
      })
      await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve))
      const host = `127.0.0.1:${(closing.address() as AddressInfo).port}`
      const notes: string[] = []
      const client = impatientClient({
        environment: { HTTPS_PROXY: `http://${host}` },
        onNote: (note) => notes.push(note),
      })
      const source = openRegistrySource(client, parseReference('registry.test/a:1'))
      const error = await failure(all(source.read(blob(bytes))), 'NETWORK_UNREACHABLE')
      expect(error.message).to.contain(`through the proxy ${host}`)
      expect(connections).to.be.within(2, 4)
      expect(notes).to.have.length(3)
      await client.close()
      await new Promise((resolve) => closing.close(resolve))
    })

  for (const scheme of ['HTTP', 'HTTPS'])
    it(`says that the proxy of ${scheme}_PROXY wants a login`, async () => {
      const strict = http.createServer((_, response) => response.writeHead(407).end('who are you?'))
      strict.on('connect', (_, socket) => socket.end('HTTP/1.1 407 Who\r\ncontent-length: 0\r\n\r\n'))
      await new Promise<void>((resolve) => strict.listen(0, '127.0.0.1', resolve))
      const host = `127.0.0.1:${(strict.address() as AddressInfo).port}`
      const client = impatientClient({
        environment: { [`${scheme}_PROXY`]: host },
        insecure: scheme === 'HTTP',
      })
      const source = openRegistrySource(client, parseReference('registry.test/a:1'))
      const error = await failure(all(source.read(blob(bytes))), 'UNAUTHORIZED')
      expect(error.message).to.match(/proxy.* wants a user and a password/)
      expect(error.remedy).to.contain('the user, a colon, the password').and.contain('HTTP_PROXY')
      await client.close()
      strict.closeAllConnections()
      await new Promise((resolve) => strict.close(resolve))
    })

  it('is told where the proxy wants a user and a password', async () => {
    for (const message of ['Proxy response (407) !== 200 when HTTP Tunneling']) {
      const facts = { stage: 'connecting', timeouts: DEFAULT_TIMEOUTS, signal: undefined } as const
      const [url, by] = [new URL('https://registry.test/'), new URL('http://user:secret@proxy.test:3128')]
      const error = networkError(new Error(message), { ...facts, url, proxy: by })
      expect(error.code).to.equal('UNAUTHORIZED')
      expect(error.message)
        .to.contain('proxy.test:3128 wants a user and a password')
        .and.not.contain('secret')
      expect(error.remedy).to.contain('HTTPS_PROXY')
      const refused = networkError(new Error(message.replace('407', '403')), { ...facts, url, proxy: by })
      expect(refused.message).to.contain('the proxy answers with status 403')
      const destroyed = Object.assign(new Error('The client is destroyed'), { code: 'UND_ERR_DESTROYED' })
      expect(networkError(destroyed, { ...facts, url, proxy: undefined }).code).to.equal('INTERRUPTED')
    }
  })

  it('is reached directly where NO_PROXY says so', async () => {
    const environment = { HTTP_PROXY: `http://${proxy.host}`, NO_PROXY: 'registry.invalid' }
    const client = impatientClient({ environment, insecure: true })
    const source = openRegistrySource(client, parseReference('registry.invalid:5000/a:1'))
    await failure(all(source.read(blob(bytes))), 'NETWORK_UNREACHABLE')
    expect(proxy.requests).to.deep.equal([])
    await client.close()
  })

  it('may be a mirror, which is asked through the proxy or directly as NO_PROXY says', async () => {
    const mirrors = {
      'upstream.invalid': {
        endpoints: [{ url: 'http://mirror.test:5000', insecure: true }],
        upstream: false,
      },
    }
    for (const [list, asked] of [
      ['', 1],
      ['mirror.test', 0],
    ] as const) {
      proxy.requests.length = 0
      const environment = { HTTP_PROXY: `http://${proxy.host}`, NO_PROXY: list }
      const client = impatientClient({ environment, mirrors })
      const source = openRegistrySource(client, parseReference('upstream.invalid/a:1'))
      const read = all(source.read(blob(bytes)))
      if (asked) expect((await read).equals(bytes)).to.equal(true)
      else await failure(read, 'NETWORK_UNREACHABLE')
      expect(proxy.requests).to.have.length(asked)
      await client.close()
    }
  })

  it('cannot redirect into this machine, where it counts as public', async () => {
    const inside = await startFaultyServer((request, response) => serve(request, response, bytes))
    const client = impatientClient({ environment: { HTTP_PROXY: `http://${proxy.host}` }, insecure: true })
    const source = openRegistrySource(client, parseReference('registry.test:5000/a:1'))
    for (const target of [
      inside.origin,
      `http://localhost:${new URL(inside.origin).port}`,
      'http://169.254.169.254',
    ]) {
      server.handler = (_, response) => response.writeHead(307, { location: `${target}/x` }).end()
      await failure(all(source.read(blob(bytes))), 'REDIRECT_REFUSED')
    }
    expect(inside.seen).to.deep.equal([])
    expect(proxy.requests.join()).not.to.contain('169.254')
    await client.close()
    await inside.stop()
  })
})

interface TinyProxy {
  host: string
  requests: string[]
  tunnels: string[]
  authorization: string | undefined
  stop(): Promise<void>
}

/** Leads every request to one server, and every tunnel to another or to none, whatever host was asked for. */
async function startProxy(target: string, tunnelTarget?: string): Promise<TinyProxy> {
  const [host, port] = target.split(':')
  const server = http.createServer((request, response) => {
    proxy.requests.push(request.url ?? '')
    proxy.authorization = request.headers['proxy-authorization']
    const { 'proxy-authorization': _, ...headers } = request.headers
    const { pathname, search } = new URL(request.url ?? '')
    http
      .get({ host, port, path: pathname + search, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers)
        answer.pipe(response)
      })
      .on('error', () => response.destroy())
  })
  server.on('connect', (request, socket: net.Socket) => {
    proxy.tunnels.push(request.url ?? '')
    if (!tunnelTarget) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    const [tunnelHost, tunnelPort] = tunnelTarget.split(':')
    const onward = net.connect(Number(tunnelPort), tunnelHost, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.pipe(onward).pipe(socket)
    })
    tunnelled.push(socket, onward)
    for (const end of [socket, onward]) end.on('error', () => end.destroy())
  })
  const tunnelled: net.Socket[] = []
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy: TinyProxy = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    tunnels: [],
    authorization: undefined,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
        for (const socket of tunnelled) socket.destroy()
      }),
  }
  return proxy
}
