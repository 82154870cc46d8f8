import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as tlsConnect } from 'node:tls'
import { expect } from 'chai'
import { blobPath, type Descriptor, digestOf, type Manifest } from '../../../manifests/index.js'
import { CHUNK_BYTES, type Chunk, ChunkCache } from '../../../provider/serve/chunk-cache.js'
import { HttpServer } from '../../../provider/serve/http-server.js'
import { OpenFiles } from '../../../provider/serve/open-files.js'
import { Transfer } from '../../../provider/serve/transfer.js'
import { makeLayout } from '../../fixtures/layout.js'
import { scratch } from '../../scratch.js'
import { selfSigned } from '../registry/certificates.js'
import { ask, codeOf, type RunningServer, startServing } from './serving.js'

const { folder, remove } = scratch()

/** @throws where it does not become true within five seconds */
async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await isTrue()) return
    await sleep(50)
  }
  throw new Error('it does not become true')
}

describe('the server of HTTP', () => {
  it('closes connections that say nothing, or headers slowly, after a time', async () => {
    const server = await HttpServer.make({
      handle: async (_, response) => void response.end(),
      connections: () => {},
      limits: { headersMs: 200, checkMs: 50 },
    })
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 })
    const texts = ['', 'GET / HTTP/1.1\r\nHost: x\r\nX-A: ']
    const answers = await Promise.all(
      texts.map(
        (text) =>
          new Promise<string>((resolve) => {
            const socket = connect(port, '127.0.0.1')
            let answer = ''
            socket.on('data', (part) => {
              answer += part
            })
            socket.on('close', () => resolve(answer))
            socket.write(text)
            const dripping = setInterval(() => socket.write(text === '' ? '' : 'a'), 50)
            socket.on('close', () => clearInterval(dripping))
          }),
      ),
    )
    expect(answers[1]).to.match(/^HTTP\/1.1 408 /)
    await server.stop(0)
  })

  it('speaks no TLS older than 1.2', async () => {
    const { file, keyFile } = selfSigned(folder())
    const server = await HttpServer.make({
      handle: async (_, response) => void response.end(),
      connections: () => {},
      tls: { cert: file, key: keyFile },
    })
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 })
    const shake = (version: 'TLSv1.1' | 'TLSv1.2') =>
      new Promise<string>((resolve) => {
        const socket = tlsConnect({
          port,
          host: '127.0.0.1',
          rejectUnauthorized: false,
          minVersion: 'TLSv1',
          maxVersion: version,
          ciphers: 'DEFAULT@SECLEVEL=0',
        })
        socket.on('secureConnect', () => {
          resolve(String(socket.getProtocol()))
          socket.destroy()
        })
        socket.on('error', () => resolve('refused'))
      })
    expect(await shake('TLSv1.1')).to.equal('refused')
    expect(await shake('TLSv1.2')).to.equal('TLSv1.2')
    await server.stop(0)
  })
})

describe('a transfer', () => {
  it('goes on in small pieces where other clients hold every chunk', async () => {
    const place = path.join(folder(), 'blob')
    const bytes = randomBytes(1_000_000)
    writeFileSync(place, bytes)
    const cache = new ChunkCache(CHUNK_BYTES)
    const files = new OpenFiles((closed) => cache.forget(closed))
    const file = await files.acquire(place)
    const held = await new Promise<Chunk>((resolve) => cache.take(file, 5, resolve))
    const server = await HttpServer.make({
      async handle(_, response) {
        response.writeHead(200, { 'Content-Length': 900_000 })
        await new Transfer(
          cache,
          response,
          { file, start: 100_000, end: 1_000_000 },
          { state: 'right' },
        ).run()
      },
      connections: () => {},
    })
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 })
    const { body } = await ask({ url: `http://127.0.0.1:${port}` }, '/')
    expect(body.equals(bytes.subarray(100_000))).to.equal(true)
    cache.give(held)
    await server.stop(0)
    files.closeAll()
  })
})

describe('serve and clients that mean harm', () => {
  let layout = ''
  let server: RunningServer
  let large: Descriptor
  let small: Descriptor

  beforeEach(async () => {
    layout = folder()
    const [root] = makeLayout(layout, [
      {
        refName: 'debian:12.5',
        layers: [
          { files: { a: randomBytes(12_000_000) }, compression: 'none' },
          { files: { b: 2000 }, compression: 'none' },
        ],
      },
    ])
    const manifest = JSON.parse(
      readFileSync(path.join(layout, blobPath(root?.digest ?? '')), 'utf8'),
    ) as Manifest
    ;[large, small] = manifest.layers as [Descriptor, Descriptor]
    server = await startServing({ path: layout })
  })
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy()
    await server.stop()
  })
  after(remove)

  const sockets: Socket[] = []

  function open(text = ''): Socket {
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(text)
    sockets.push(socket)
    return socket
  }

  function get(digest: string): string {
    return `GET /v2/debian/blobs/${digest} HTTP/1.1\r\nHost: x\r\n\r\n`
  }

  function damage({ digest }: Descriptor, at: number): void {
    const file = path.join(layout, blobPath(digest))
    const bytes = readFileSync(file)
    bytes[at] = (bytes[at] ?? 0) ^ 1
    writeFileSync(file, bytes)
  }

  it('never gives a damaged blob whole: the first connection breaks, later requests are refused', async () => {
    damage(large, 5_000_000)
    const path = `/v2/debian/blobs/${large.digest}`
    const first = await ask(server, path)
    expect(first.isBroken).to.equal(true)
    expect(first.body.length).to.be.lessThan(large.size)
    const second = await ask(server, path)
    expect([second.status, codeOf(second)]).to.deep.equal([500, 'UNKNOWN'])
    const part = await ask(server, path, { headers: { Range: 'bytes=0-9' } })
    expect(part.status).to.equal(500)
    expect((await ask(server, path, { method: 'HEAD' })).status).to.equal(500)
    expect(server.notes.join('\n')).to.contain(`not those of ${large.digest}`)
    expect(server.logLines.join('\n')).to.contain('broken off')
  })

  it('refuses a small damaged blob at once, and one that is cut short or a part of it', async () => {
    damage(small, 100)
    expect((await ask(server, `/v2/debian/blobs/${small.digest}`)).status).to.equal(500)
    const file = path.join(layout, blobPath(large.digest))
    writeFileSync(file, readFileSync(file).subarray(0, 1000))
    const cut = await ask(server, `/v2/debian/blobs/${large.digest}`, { headers: { Range: 'bytes=5-6' } })
    expect(cut.status).to.equal(500)
  })

  it('hashes again what was changed after it was found right, and takes what was repaired', async () => {
    const path = `/v2/debian/blobs/${small.digest}`
    expect((await ask(server, path)).status).to.equal(200)
    damage(small, 100)
    expect((await ask(server, path)).status).to.equal(500)
    damage(small, 100)
    expect((await ask(server, path)).status).to.equal(200)
  })

  it('hashes a blob once, however many ask for it first', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => ask(server, `/v2/debian/blobs/${large.digest}`)),
    )
    for (const { body } of answers) expect(digestOf(body)).to.equal(large.digest)
    const { body } = await ask(server, '/metrics')
    expect(body.toString()).to.contain('blob_verifications_total{result="right"} 1\n')
  })

  it('refuses a damaged manifest', async () => {
    const [{ digest }] = JSON.parse(readFileSync(path.join(layout, 'index.json'), 'utf8')).manifests
    damage({ mediaType: '', digest, size: 0 }, 20)
    expect((await ask(server, '/v2/debian/manifests/12.5')).status).to.equal(500)
  })

  for (const place of [
    '/v2/../../../etc/passwd',
    '/v2/debian/blobs/..%2f..%2findex.json',
    '/v2/debian/blobs/sha256:../../index.json',
    '/v2/debian/blobs/sha256:..%2F..%2Findex.json',
    `/v2/debian/blobs/sha256:${'A'.repeat(64)}`,
    `/v2/debian/blobs/md5:${'0'.repeat(32)}`,
    '/v2/%2e%2e/%2e%2e/manifests/latest',
    '/v2/debian//manifests/12.5',
    '/v2/DEBIAN/manifests/12.5',
    '/v2/debian/manifests/..',
    '/v2/debian/manifests/12.5%00',
    '/index.json',
    `/v2/${'a/'.repeat(2000)}b/manifests/1`,
  ])
    it(`leads nowhere by ${place.slice(0, 45)}`, async () => {
      const { status } = await ask(server, place)
      expect([400, 404, 414]).to.include(status)
    })

  it('refuses headers without end', async () => {
    const { status } = await ask(server, '/v2/', { headers: { 'X-Long': 'x'.repeat(20_000) } })
    expect(status).to.equal(431)
  })

  it('lets no client that reads a byte a second hurt a fast one', async () => {
    const slow = Array.from({ length: 40 }, () => open(get(large.digest)))
    for (const socket of slow) socket.pause()
    await sleep(300)
    let taken = 0
    const reading = setInterval(() => {
      taken += slow[0]?.read(1)?.length ?? 0
    }, 100)
    for (let i = 0; i < 5; i++) {
      const { body } = await ask(server, `/v2/debian/blobs/${large.digest}`)
      expect(body.length).to.equal(large.size)
    }
    await sleep(500)
    clearInterval(reading)
    expect(taken).to.be.greaterThan(0)
    expect(slow.every((socket) => !socket.destroyed)).to.equal(true)
  })

  it('survives 2,000 connections that say nothing, and many that say it slowly', async () => {
    for (let i = 0; i < 1900; i++) open()
    for (let i = 0; i < 100; i++) open('GET /v2/ HTTP/1.1\r\nHost: x\r\nX-A: ')
    await until(async () => {
      const { body } = await ask(server, '/metrics')
      return Number(/connections (\d+)\n/.exec(body.toString())?.[1]) > 2000
    })
    expect((await ask(server, `/v2/debian/blobs/${large.digest}`)).body.length).to.equal(large.size)
  })

  it('answers requests that come in one go in their order, each whole', async () => {
    const socket = open(get(large.digest) + get(small.digest) + get(large.digest))
    const wanted = 2 * large.size + small.size
    const parts: Buffer[] = []
    let length = 0
    for await (const part of socket) {
      parts.push(part)
      length += part.length
      if (length >= wanted + 3 * 300) break
    }
    const text = Buffer.concat(parts)
    const [largeBytes, smallBytes] = [large, small].map(({ digest }) =>
      readFileSync(path.join(layout, blobPath(digest))),
    )
    const first = text.indexOf('\r\n\r\n') + 4
    expect(text.subarray(first, first + large.size).equals(largeBytes as Buffer)).to.equal(true)
    const second = text.indexOf('\r\n\r\n', first + large.size) + 4
    expect(text.subarray(second, second + small.size).equals(smallBytes as Buffer)).to.equal(true)
    const third = text.indexOf('\r\n\r\n', second + small.size) + 4
    expect(text.subarray(third, third + large.size).equals(largeBytes as Buffer)).to.equal(true)
  })
})
