import { expect } from 'chai'
import { parseReference } from '../../../manifests/index.js'
import { limited } from '../../../provider/registry/answer-error.js'
import type { RegistryClient } from '../../../provider/registry/client.js'
import { backOff, retryAfter } from '../../../provider/registry/retry.js'
import { openRegistrySource } from '../../../provider/registry/source.js'
import { type FaultyServer, json, startFaultyServer } from './faulty-server.js'
import { all, blob, failure, impatientClient } from './reading.js'

describe('answers that are not the wanted one', () => {
  const manifest = { schemaVersion: 2, config: {}, layers: [] }
  let server: FaultyServer
  let client: RegistryClient
  let notes: string[]

  before(async () => {
    server = await startFaultyServer(() => undefined)
  })
  after(() => server.stop())
  beforeEach(() => {
    server.seen.length = 0
    notes = []
    client = impatientClient({ onNote: (line) => notes.push(line) })
  })
  afterEach(() => client.close())

  const source = (by = client) => openRegistrySource(by, parseReference(`${server.host}/base/image`))
  const resolve = (by = client) => source(by).resolve('1.0')
  const answer = (status: number, headers: Record<string, string> = {}): FaultyServer['handler'] => {
    return (_, response) => json(response, status, {}, headers)
  }

  it('404 is NOT_FOUND, at once', async () => {
    server.handler = answer(404)
    const error = await failure(resolve(), 'NOT_FOUND')
    expect(error.message).to.equal(`${server.host} has no ${server.host}/base/image:1.0.`)
    expect(error.side).to.equal('source')
    expect(server.seen).to.have.length(1)
  })

  it('of a limit says how long it holds and until when, in every way in which the time is given', async () => {
    const later = Math.floor(Date.now() / 1000) + 7000
    for (const [status, value] of [
      [429, '7000'],
      [429, new Date(later * 1000).toUTCString()],
      [429, String(later)],
      [403, '7000'],
    ] as const) {
      server.handler = answer(status, { 'retry-after': value })
      const error = await failure(resolve(), 'RATE_LIMITED')
      expect(error.message).to.match(/for 11[67] minutes, until \d{4}-\d\d-\d\dT[\d:]+Z/)
      expect(error.remedy).to.match(/after \d{4}-/)
    }
  })

  it('of a limit of one second is in words, too', () => {
    const headers = { 'retry-after': '1' }
    const url = new URL('https://r.example.org/')
    expect(limited({ headers, url }).message).to.contain('for a second, until')
  })

  it('400 and 403 of a storage behind a redirect are about the link, and no login helps', async () => {
    let refusal = 403
    const storage = await startFaultyServer((_, response) => json(response, refusal, {}))
    for (const status of [302, 303, 307]) {
      refusal = status === 302 ? 400 : 403
      server.handler = answer(status, { location: `http://${storage.host}/blob?sig=secret` })
      const error = await failure(resolve(), 'REGISTRY_ERROR')
      expect(error.message).to.contain(storage.host).and.contain(server.host).and.not.contain('secret')
      expect(error.remedy).not.to.contain('docker login')
    }
    await storage.stop()
  })

  it('403 is UNAUTHORIZED', async () => {
    server.handler = answer(403)
    await failure(resolve(), 'UNAUTHORIZED')
  })

  for (const status of [400, 405, 418, 451])
    it(`${status} is REGISTRY_ERROR, at once`, async () => {
      server.handler = answer(status)
      const error = await failure(resolve(), 'REGISTRY_ERROR')
      expect(error.found).to.equal(`status ${status}`)
      expect(server.seen).to.have.length(1)
    })

  it('shows what the registry says, without what could steer a terminal', async () => {
    server.handler = (_, response) =>
      json(response, 400, {
        errors: [{ code: 'NAME_INVALID', message: 'bad\u001b[2Jname\r\n', detail: 'x' }],
      })
    const error = await failure(resolve(), 'REGISTRY_ERROR')
    expect(error.message).to.contain('It says: NAME_INVALID: bad?[2Jname??')
    expect(error.details?.registryCode).to.equal('NAME_INVALID')
  })

  for (const body of [
    '<html>',
    '{"errors":7}',
    '{"errors":[null]}',
    '{"errors":[{"code":{}}]}',
    '',
    'x'.repeat(200_000),
  ])
    it(`bears ${body.length > 100 ? 'a very long text' : JSON.stringify(body)} as the body of an error`, async () => {
      server.handler = (_, response) => response.writeHead(400).end(body)
      const error = await failure(resolve(), 'REGISTRY_ERROR')
      expect(error.message.length).to.be.lessThan(500)
    })

  for (const status of [408, 500, 502, 503, 504, 520, 522, 524])
    it(`tries again after ${status}, and says so`, async () => {
      server.handler = (_, response, count) => json(response, count < 2 ? status : 200, manifest)
      await resolve()
      expect(server.seen).to.have.length(3)
      expect(notes).to.have.length(2)
      expect(notes[0]).to.contain(`status ${status}`)
    })

  for (const status of [410, 501, 505, 511])
    it(`does not try again after ${status}`, async () => {
      server.handler = answer(status)
      await failure(resolve(), 'REGISTRY_ERROR')
      expect(server.seen).to.have.length(1)
    })

  it('gives up after so many attempts', async () => {
    server.handler = answer(500)
    await failure(resolve(), 'REGISTRY_ERROR')
    expect(server.seen).to.have.length(client.retry.retries + 1)
  })

  it('waits as long as Retry-After says, not longer', async () => {
    const slow = impatientClient({ retry: { retries: 3, pause: 30_000 } })
    server.handler = (_, response, count) =>
      json(response, count < 2 ? 429 : 200, manifest, { 'retry-after': '0' })
    await resolve(slow)
    expect(server.seen).to.have.length(3)
    await slow.close()
  })

  it('is RATE_LIMITED at once where Retry-After is longer than anybody waits', async () => {
    const times = ['3600', '99999999999', '9'.repeat(4000), 'Fri, 31 Dec 9999 23:59:59 GMT']
    for (const [i, time] of times.entries()) {
      server.handler = answer(429, { 'retry-after': time })
      await failure(resolve(), 'RATE_LIMITED')
      expect(server.seen, time).to.have.length(i + 1)
    }
  })

  it('reads Retry-After as seconds or as a date', () => {
    const read = (value: string) => retryAfter({ headers: { 'retry-after': value } })
    expect(read('3')).to.equal(3000)
    expect(read(new Date(Date.now() + 10_000).toUTCString())).to.be.within(8000, 10_000)
    expect(read(new Date(0).toUTCString())).to.equal(0)
    for (const value of ['', '-1', '1e9', 'soon']) expect(read(value), value).to.equal(undefined)
  })

  it('waits longer each time, by chance, and never longer than allowed', () => {
    const policy = { retries: 9, pause: 100, longestPause: 1000 }
    for (const [attempt, full] of [
      [1, 100],
      [2, 200],
      [3, 400],
      [5, 1000],
      [50, 1000],
    ] as const)
      for (let i = 0; i < 20; i++) expect(backOff(attempt, policy)).to.be.within(full / 2, full)
  })

  it('asks for a manifest again where the connection breaks in the middle of it', async () => {
    const bytes = Buffer.from(JSON.stringify(manifest))
    server.handler = (_, response, count) => {
      response.writeHead(200, { 'content-length': bytes.length })
      if (count > 0) return response.end(bytes)
      return response.write(bytes.subarray(0, 5), () => response.destroy())
    }
    expect((await resolve()).size).to.equal(bytes.length)
    expect(server.seen).to.have.length(2)
  })

  it('that do not come, or break off, name what they are about', async () => {
    server.handler = () => undefined
    const late = await failure(resolve(), 'NETWORK_TIMEOUT')
    expect(late.message).to.match(/^127\.0\.0\.1:\d+\/.*: 127\.0\.0\.1:\d+ does not answer in time/)
    server.handler = (_, response) => {
      response.writeHead(200, { 'content-length': 900 })
      response.write('half')
      setTimeout(() => response.destroy(), 10)
    }
    const half = blob(Buffer.alloc(900))
    const cut = await failure(all(source().read(half)), 'NETWORK_UNREACHABLE')
    expect(cut.message).to.contain(`blob ${half.digest} of ${server.host}`)
  })

  it('that are pages for people are told as such, at once, for manifests and blobs', async () => {
    server.handler = (_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>')
    const error = await failure(resolve(), 'INVALID_DOCUMENT')
    expect(error.message).to.contain('a page for people')
    server.seen.length = 0
    for (const size of [3, 37, 90_000]) {
      const page = await failure(all(source().read(blob(Buffer.alloc(size)))), 'REGISTRY_ERROR')
      expect(page.message).to.contain('a page for people').and.contain('blob sha256:')
    }
    expect(server.seen).to.have.length(3)
  })

  it('may be a blob that is a page itself', async () => {
    const bytes = Buffer.from('<html>a report</html>')
    server.handler = (_, response) =>
      response.writeHead(200, { 'content-type': 'text/html', 'content-length': bytes.length }).end(bytes)
    expect(await all(source().read(blob(bytes)))).to.deep.equal(bytes)
    server.handler = (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(bytes)
    expect(await all(source().read(blob(bytes, 'text/html')))).to.deep.equal(bytes)
  })

  it('tells at once where nobody listens', async () => {
    const gone = await startFaultyServer(() => undefined)
    await gone.stop()
    const patient = impatientClient({ retry: { retries: 3, pause: 60_000 } })
    const source = openRegistrySource(patient, parseReference(`${gone.host}/a`))
    const error = await failure(source.resolve('1'), 'NETWORK_UNREACHABLE')
    expect(error.message).to.equal(`${gone.host} cannot be reached: it refuses the connection.`)
    await patient.close()
  })

  it('tells at once where the name is not known', async () => {
    const patient = impatientClient({ retry: { retries: 3, pause: 60_000 } })
    const source = openRegistrySource(patient, parseReference('no-such-host.invalid/a'))
    await failure(source.resolve('1'), 'NETWORK_UNREACHABLE')
    await patient.close()
  })
})
