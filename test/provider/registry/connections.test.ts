import { createServer, type Server, type Socket } from 'node:net'
import { expect } from 'chai'
import { digestOf, parseReference } from '../../../manifests/index.js'
import type { RegistryClient } from '../../../provider/registry/client.js'
import { headManifest } from '../../../provider/registry/head-manifest.js'
import { openRegistrySource } from '../../../provider/registry/source.js'
import { all, blob, failure, impatientClient } from './reading.js'

/** What the server sends after the head of an answer to HEAD, which should be nothing. */
type AfterHead = (socket: Socket) => void

const CONTENT = Buffer.from('{"some":"content"}')
const MANIFEST = Buffer.from('{"schemaVersion":2}')

/** Bytes as they are on the wire, so that the server may be as wrong as it likes. */
class WireServer {
  /** Those on which something else than the greeting was asked for. */
  readonly used = new Set<Socket>()
  /** Method, path and `Connection` of each request, without the greeting. */
  readonly seen: string[] = []
  afterHead: AfterHead = () => {}
  headLines = [`content-length: ${MANIFEST.length}`]
  /** In place of the answer to the next request. */
  late = ''
  /** What a GET is answered with. */
  answer = whole(CONTENT)
  host = ''
  private readonly server: Server = createServer((socket) => this.serve(socket))
  private readonly open = new Set<Socket>()
  private readonly isAfterHead = new Set<Socket>()

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    this.host = `127.0.0.1:${(this.server.address() as { port: number }).port}`
  }

  async stop(): Promise<void> {
    for (const socket of this.open) socket.destroy()
    await new Promise<void>((resolve) => this.server.close(() => resolve()))
  }

  private serve(socket: Socket): void {
    this.open.add(socket)
    socket.on('close', () => this.open.delete(socket))
    socket.on('error', () => {})
    let waiting = ''
    socket.on('data', (chunk) => {
      // TLS, which is tried first.
      if (chunk[0] === 0x16) return void socket.destroy()
      waiting += chunk.toString('latin1')
      for (let end = waiting.indexOf('\r\n\r\n'); end >= 0; end = waiting.indexOf('\r\n\r\n')) {
        this.respond(socket, waiting.slice(0, end))
        waiting = waiting.slice(end + 4)
      }
    })
  }

  private respond(socket: Socket, head: string): void {
    const [method = '', path = ''] = head.split(' ')
    if (path === '/v2/') return void socket.write(whole(Buffer.from('{}')))
    this.used.add(socket)
    const connection = /^connection: *(.*)$/im.exec(head)?.[1] ?? ''
    this.seen.push(`${method} ${path.slice(path.lastIndexOf('/') + 1).slice(0, 7)} ${connection}`)
    if (this.isAfterHead.delete(socket) && this.late !== '') socket.write(this.late)
    if (method === 'GET') return void socket.write(this.answer)
    const lines = ['HTTP/1.1 200 OK', `docker-content-digest: ${digestOf(MANIFEST)}`, ...this.headLines]
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    this.isAfterHead.add(socket)
    this.afterHead(socket)
  }
}

function whole(body: Buffer): string {
  return `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}

describe('connections after HEAD', () => {
  let server: WireServer
  let client: RegistryClient
  let notes: string[]

  beforeEach(async () => {
    server = new WireServer()
    await server.start()
    notes = []
    client = impatientClient({
      onNote: (line) => notes.push(line),
      timeouts: { connect: 10_000, headers: 10_000, bodyIdle: 10_000 },
    })
  })
  afterEach(async () => {
    await client.close()
    await server.stop()
  })

  const head = () => headManifest(client, { registry: server.host, repository: 'base/app' }, '1.0')
  const get = () =>
    all(openRegistrySource(client, parseReference(`${server.host}/base/app`)).read(blob(CONTENT)))

  async function inTurn(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      expect(await head()).to.deep.include({ digest: digestOf(MANIFEST) })
      expect((await get()).equals(CONTENT)).to.equal(true)
    }
  }

  it('are used again, for many HEADs and for GETs between them', async () => {
    await inTurn(20)
    expect(server.seen).to.have.length(40)
    // A connection is free again only a moment after its answer.
    expect(server.used.size).to.be.at.most(2)
    expect(server.seen.filter((line) => !line.endsWith('keep-alive'))).to.deep.equal([])
  })

  it('are as many as there are requests side by side, not as there are HEADs', async () => {
    await head()
    for (let round = 0; round < 10; round++) await Promise.all([head(), head(), head(), get()])
    expect(server.seen).to.have.length(41)
    expect(server.used.size).to.be.at.most(8)
  })

  it('are closed where the server says so', async () => {
    server.headLines.push('connection: close')
    server.afterHead = (socket) => socket.end()
    await inTurn(3)
    expect(server.used.size).to.equal(4)
    expect(notes).to.deep.equal([])
  })

  for (const [what, bytes] of [
    ['the manifest', MANIFEST.toString()],
    ['a page', '<!DOCTYPE html>\n<title>Not here</title>'],
    ['the end of a chunked body', '0\r\n\r\n'],
    ['what looks like an answer', whole(Buffer.from('{"forged":"content"}'))],
  ] as const) {
    it(`do not carry ${what} that follows HEAD into the next answer`, async () => {
      server.afterHead = (socket) => socket.write(bytes)
      await inTurn(5)
      expect(notes).to.deep.equal([])
    })
  }

  for (const [what, bytes] of [
    ['the manifest', MANIFEST.toString()],
    ['a page', '<!DOCTYPE html>\n<title>Not here</title>'],
    ['the end of a chunked body', '0\r\n\r\n'],
  ] as const) {
    it(`are given up for the others where ${what} comes so late that the next request was sent`, async () => {
      server.late = bytes
      await inTurn(4)
      expect(notes).to.have.length(1)
      expect(notes[0]).to.contain('does not belong to an answer')
      const heads = server.seen.filter((line) => line.startsWith('HEAD'))
      expect(heads.slice(-3)).to.deep.equal(['HEAD 1.0 close', 'HEAD 1.0 close', 'HEAD 1.0 close'])
    })
  }

  it('of a server that only ever answers wrongly are given up in the end', async () => {
    await head()
    server.answer = 'what is this?\r\n\r\n'
    await failure(get(), 'NETWORK_UNREACHABLE')
    expect(server.seen.filter((line) => line.startsWith('GET'))).to.have.length(client.retry.retries + 1)
  })
})
