import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { type Descriptor, parseReference } from '../../../manifests/index.js'
import type { ImageSource } from '../../../provider/copy/ports.js'
import { verified } from '../../../provider/copy/verified.js'
import type { RegistryClient } from '../../../provider/registry/client.js'
import { openRegistrySource } from '../../../provider/registry/source.js'
import { type FaultyServer, rangeStart, serve, startFaultyServer } from './faulty-server.js'
import { all, blob, failure, impatientClient } from './reading.js'

describe('reading a blob over broken connections', () => {
  const bytes = randomBytes(500_000)
  const descriptor = blob(bytes)
  let server: FaultyServer
  let client: RegistryClient
  let source: ImageSource
  let notes: string[]

  before(async () => {
    server = await startFaultyServer((request, response) => serve(request, response, bytes))
  })
  after(() => server.stop())

  beforeEach(() => {
    server.seen.length = 0
    notes = []
    client = impatientClient({ onNote: (line) => notes.push(line) })
    source = openRegistrySource(client, parseReference(`${server.host}/base/image`))
  })
  afterEach(() => client.close())

  const read = (of: Descriptor = descriptor, from = 0) => all(source.read(of, { from }))

  it('reads from an offset', async () => {
    server.handler = (request, response) => serve(request, response, bytes)
    expect((await read(descriptor, 499_990)).equals(bytes.subarray(499_990))).to.equal(true)
    expect(server.seen[0]?.headers.range).to.equal('bytes=499990-')
  })

  it('asks for nothing where the offset is the end', async () => {
    expect(await read(descriptor, bytes.length)).to.have.length(0)
    expect(server.seen).to.have.length(0)
  })

  it('skips what a server sends that ignores Range', async () => {
    server.handler = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length })
      response.end(bytes)
    }
    expect((await read(descriptor, 300_001)).equals(bytes.subarray(300_001))).to.equal(true)
  })

  it('refuses a 206 with another part than it asked for', async () => {
    server.handler = (_, response) => {
      response.writeHead(206, { 'content-range': `bytes 0-${bytes.length - 1}/${bytes.length}` })
      response.end(bytes)
    }
    const error = await failure(read(descriptor, 1000), 'REGISTRY_ERROR')
    expect(error.expected).to.equal('bytes from 1000')
  })

  it('refuses a 206 that does not say which part it is', async () => {
    server.handler = (_, response) => {
      response.writeHead(206)
      response.end(bytes.subarray(1000))
    }
    await failure(read(descriptor, 1000), 'REGISTRY_ERROR')
  })

  it('goes on behind the last byte after the connection was cut', async () => {
    server.handler = cutOffAfter(200_000, 1)
    expect((await read()).equals(bytes)).to.equal(true)
    expect(server.seen).to.have.length(2)
    expect(rangeStart(at(1))).to.be.greaterThan(0)
    expect(notes).to.have.length(1)
    expect(notes[0]).to.match(/was cut\. Going on from byte \d+\.$/)
  })

  it('goes on as often as needed while bytes move', async () => {
    server.handler = cutOffAfter(60_000, Number.POSITIVE_INFINITY)
    expect((await read()).equals(bytes)).to.equal(true)
    expect(server.seen.length).to.be.greaterThan(client.retry.retries + 1)
  })

  it('gives up where several connections in a row bring nothing', async () => {
    server.handler = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length })
      response.flushHeaders()
      setImmediate(() => response.destroy())
    }
    await failure(read(), 'NETWORK_UNREACHABLE')
    expect(server.seen).to.have.length(client.retry.retries + 1)
  })

  it('goes on after a server that stops sending', async () => {
    server.handler = (request, response, count) => {
      if (count > 0) return serve(request, response, bytes)
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(bytes.subarray(0, 100_000))
    }
    expect((await read()).equals(bytes)).to.equal(true)
    expect(rangeStart(at(1))).to.equal(100_000)
    expect(notes[0]).to.contain('stopped sending')
  })

  it('gives up with NETWORK_TIMEOUT where a server never answers', async () => {
    server.handler = () => undefined
    await failure(read(), 'NETWORK_TIMEOUT')
    expect(server.seen).to.have.length(2)
  })

  it('does not wait for a server that nobody reads from', async () => {
    // The idle time-out must not count while the reader itself is slow.
    server.handler = (request, response) => serve(request, response, bytes)
    const iterator = source.read(descriptor)[Symbol.asyncIterator]()
    const first = await iterator.next()
    expect(first.done).to.equal(false)
    // undici looks at its time-outs about once a second.
    await sleep(1500)
    let count = first.done ? 0 : first.value.length
    for (let next = await iterator.next(); !next.done; next = await iterator.next())
      count += next.value.length
    expect(count).to.equal(bytes.length)
    expect(notes).to.deep.equal([])
  })

  it('takes a Content-Length that is too small for the registry having another blob', async () => {
    server.handler = (_, response) => {
      response.writeHead(200, { 'content-length': 1000 })
      response.end(bytes.subarray(0, 1000))
    }
    const error = await failure(read(), 'SIZE_MISMATCH')
    expect(error).to.include({ expected: '500000 bytes', found: '1000 bytes' })
  })

  it('does not begin to fetch where Content-Length is too large', async () => {
    server.handler = (_, response) => {
      response.writeHead(200, { 'content-length': 5_000_000_000 })
      response.write('x')
    }
    await failure(read(), 'SIZE_MISMATCH')
  })

  it('yields one byte too many at most where a body without a length does not end', async () => {
    server.handler = (_, response) => {
      response.writeHead(200)
      const more = () => {
        while (!response.destroyed && response.write(bytes));
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    }
    expect(await read()).to.have.length(bytes.length + 1)
  })

  it('says that a blob is smaller where a body without a length ends early', async () => {
    server.handler = (request, response) => {
      const from = rangeStart(request)
      if (from !== undefined) response.writeHead(416, { 'content-range': 'bytes */1000' })
      response.end(from === undefined ? bytes.subarray(0, 1000) : undefined)
    }
    const error = await failure(read(), 'SIZE_MISMATCH')
    expect(error.found).to.equal('1000 bytes')
  })

  it('leaves it to the verifying stream to find wrong bytes', async () => {
    const wrong = Buffer.from(bytes)
    wrong[400_000] = (wrong[400_000] ?? 0) ^ 1
    server.handler = (request, response) => serve(request, response, wrong)
    await failure(all(verified(source.read(descriptor), descriptor)), 'DIGEST_MISMATCH')
  })

  it('takes an answer that is not HTTP for an error of the registry', async () => {
    server.handler = (_, response) => {
      response.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello')
    }
    await failure(read(), 'REGISTRY_ERROR')
  })

  it('stops with INTERRUPTED when it is told to, and hangs up', async () => {
    const stop = new AbortController()
    const hungUp = new Promise((resolve) => {
      server.handler = (_, response) => {
        response.on('close', resolve)
        response.writeHead(200, { 'content-length': bytes.length })
        response.write(bytes.subarray(0, 1000))
        setTimeout(() => stop.abort(), 20)
      }
    })
    const reading = all(source.read(descriptor, { signal: stop.signal }))
    await failure(reading, 'INTERRUPTED')
    await hungUp
  })

  it('stops with INTERRUPTED while it waits for an answer, or for its next attempt', async () => {
    server.handler = () => undefined
    await failure(all(source.read(descriptor, { signal: AbortSignal.timeout(20) })), 'INTERRUPTED')
    const patient = impatientClient({ retry: { retries: 3, pause: 60_000 } })
    server.handler = (_, response) => void response.writeHead(500).end()
    const slow = openRegistrySource(patient, parseReference(`${server.host}/base/image`))
    await failure(all(slow.read(descriptor, { signal: AbortSignal.timeout(50) })), 'INTERRUPTED')
    await patient.close()
  })

  it('does not send a request that was stopped while it waited for its connection', async () => {
    server.handler = (request, response, count) => (count === 0 ? serve(request, response, bytes) : undefined)
    await read()
    const stop = new AbortController()
    // This one takes the connection that is there, so that the next one has to wait for another.
    const other = failure(all(source.read(descriptor, { signal: stop.signal })), 'INTERRUPTED')
    const waiting = new AbortController()
    const stopped = failure(all(source.read(descriptor, { from: 7, signal: waiting.signal })), 'INTERRUPTED')
    // Enough for the request to be on its way, without a turn of the event loop in which it could connect.
    for (let i = 0; i < 200; i++) await null
    waiting.abort()
    await stopped
    await sleep(50)
    stop.abort()
    await other
    expect(server.seen.map((request) => request.headers.range)).to.deep.equal([undefined, undefined])
  })

  it('hangs up when its reader leaves early', async () => {
    const hungUp = new Promise((resolve) => {
      server.handler = (_, response) => {
        response.on('close', resolve)
        response.writeHead(200, { 'content-length': bytes.length })
        response.write(bytes.subarray(0, 1000))
      }
    })
    for await (const _ of source.read(descriptor)) break
    await hungUp
  })

  it('keeps a chunk as it is until the next but one is asked for', async () => {
    const large = randomBytes(8_000_000)
    server.handler = (request, response) => serve(request, response, large)
    let before: Uint8Array | undefined
    let copy: Buffer | undefined
    let compared = 0
    for await (const chunk of source.read(blob(large))) {
      // Time for the connection to read on, into a buffer that was given back too early.
      await sleep(1)
      if (before && copy?.equals(before)) compared++
      else expect(before).to.equal(undefined)
      before = chunk
      copy = Buffer.from(chunk)
    }
    expect(compared).to.be.greaterThan(10)
  })

  it('lets a server wait whose bytes are not read yet', async () => {
    const size = 200_000_000
    let sent = 0
    server.handler = (_, response) => {
      response.writeHead(200, { 'content-length': size })
      const more = () => {
        let room = true
        while (sent < size && room) {
          room = response.write(bytes)
          sent += bytes.length
        }
        if (sent < size) response.once('drain', more)
      }
      more()
    }
    for await (const _ of source.read({ ...descriptor, size })) {
      await sleep(200)
      break
    }
    // What the system keeps for both ends of the connection is some megabytes.
    expect(sent).to.be.lessThan(size / 4)
  })

  function at(index: number) {
    const request = server.seen[index]
    if (!request) throw new Error(`no request ${index}`)
    return request
  }

  /** Cuts the first connections after some bytes each. */
  function cutOffAfter(count: number, times: number): FaultyServer['handler'] {
    let cut = 0
    return (request, response) => {
      if (cut++ >= times) return serve(request, response, bytes)
      const from = rangeStart(request) ?? 0
      const rest = bytes.subarray(from)
      if (rest.length <= count) return serve(request, response, bytes)
      response.writeHead(from > 0 ? 206 : 200, {
        'content-length': rest.length,
        ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
      })
      response.write(rest.subarray(0, count), () => response.destroy())
    }
  }
})
