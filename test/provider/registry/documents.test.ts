import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import type { RegistryClient } from '../../../provider/registry/client.js'
import { openUrl, RegistryDocuments } from '../../../provider/registry/document.js'
import { scratch } from '../../scratch.js'
import { type FaultyServer, json, rangeStart, serve, startFaultyServer } from './faulty-server.js'
import { all, failure, impatientClient } from './reading.js'

describe('documents and files', () => {
  const temporary = scratch()
  const bytes = randomBytes(200_000)
  let server: FaultyServer
  let client: RegistryClient
  let documents: RegistryDocuments

  before(async () => {
    server = await startFaultyServer(() => undefined)
  })
  after(async () => {
    await server.stop()
    temporary.remove()
  })
  beforeEach(() => {
    server.seen.length = 0
    server.handler = (request, response) => serve(request, response, bytes)
    client = impatientClient()
    documents = new RegistryDocuments(client)
  })
  afterEach(() => client.close())

  describe('a document on this machine', () => {
    const file = (content: string | Buffer) => {
      const at = path.join(temporary.folder(), 'index.json')
      writeFileSync(at, content)
      return at
    }

    it('is read whole, up to its limit', async () => {
      expect(Buffer.from(await documents.read(file('12345'), { limit: 5 })).toString()).to.equal('12345')
      const error = await failure(documents.read(file('123456'), { limit: 5 }), 'DOCUMENT_TOO_LARGE')
      expect(error).to.include({ expected: 'at most 5 bytes', found: '6 bytes' })
    })

    it('that is not there, or no file, is PATH_NOT_FOUND', async () => {
      const folder = temporary.folder()
      await failure(documents.read(path.join(folder, 'none'), { limit: 5 }), 'PATH_NOT_FOUND')
      await failure(documents.read(folder, { limit: 5 }), 'PATH_NOT_FOUND')
    })

    it('that may not be read is PERMISSION_DENIED', async function () {
      if (process.platform === 'win32' || process.getuid?.() === 0) this.skip()
      const at = file('x')
      chmodSync(at, 0)
      await failure(documents.read(at, { limit: 5 }), 'PERMISSION_DENIED')
    })

    it('may be called like a URL', async () => {
      const folder = path.join(temporary.folder(), 'https:')
      if (process.platform === 'win32') return
      mkdirSync(folder)
      writeFileSync(path.join(folder, 'x'), 'here')
      expect(Buffer.from(await documents.read(path.join(folder, 'x'), { limit: 5 })).toString()).to.equal(
        'here',
      )
    })
  })

  describe('a document on the web', () => {
    it('is read whole, up to its limit', async () => {
      const read = await documents.read(`${server.origin}/index.json`, { limit: bytes.length })
      expect(bytes.equals(read)).to.equal(true)
      await failure(documents.read(`${server.origin}/index.json`, { limit: 5 }), 'DOCUMENT_TOO_LARGE')
    })

    it('is not read beyond its limit where it does not say its length', async () => {
      server.handler = (_, response) => response.write(bytes)
      await failure(documents.read(`${server.origin}/index.json`, { limit: 1000 }), 'DOCUMENT_TOO_LARGE')
    })

    it('needs https, but on this machine or where it is allowed', async () => {
      const error = await failure(documents.read('http://r.invalid/i.json', { limit: 5 }), 'SOURCE_INSECURE')
      expect(error.remedy).to.contain('`insecure`')
      const options = { limit: 5, insecure: true }
      await failure(documents.read('http://r.invalid/i.json', options), 'NETWORK_UNREACHABLE')
    })

    it('that is not there is NOT_FOUND, without what may be secret in its URL', async () => {
      server.handler = (_, response) => json(response, 404, {})
      const error = await failure(
        documents.read(`${server.origin}/index.json?sig=secret`, { limit: 5 }),
        'NOT_FOUND',
      )
      expect(error.message).to.contain('/index.json')
      expect(error.remedy).to.equal('Check the URL.')
      expect(JSON.stringify([error.message, error, error.stack])).not.to.contain('secret')
    })

    for (const url of ['https://user:secret@r.example/i', 'https://', 'http://:80/x?sig=secret'])
      it(`is refused at ${url.replace('secret', '...')}`, async () => {
        const error = await failure(documents.read(url, { limit: 5 }), 'SOURCE_INVALID')
        expect(JSON.stringify([error.message, error])).not.to.contain('secret')
      })
  })

  describe('a file on the web', () => {
    const url = () => `${server.origin}/big.tar?sig=secret`

    it('tells its size and its name without the query', async () => {
      const content = await openUrl(client, url())
      expect(content).to.include({ size: bytes.length, label: `${server.host}/big.tar` })
      expect((await all(content.bytes)).equals(bytes)).to.equal(true)
      expect(server.seen).to.have.length(1)
    })

    it('is read from an offset, with the size of the whole', async () => {
      const content = await openUrl(client, url(), { from: 199_000 })
      expect(content.size).to.equal(bytes.length)
      expect((await all(content.bytes)).equals(bytes.subarray(199_000))).to.equal(true)
    })

    it('is empty from its end, and another file beyond', async () => {
      server.handler = (request, response) => {
        if ((rangeStart(request) ?? 0) < bytes.length) return serve(request, response, bytes)
        return response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end()
      }
      const content = await openUrl(client, url(), { from: bytes.length })
      expect(await all(content.bytes)).to.have.length(0)
      await failure(openUrl(client, url(), { from: bytes.length + 1 }), 'CHANGED_MEANWHILE')
    })

    it('goes on after a lost connection', async () => {
      server.handler = cutFirst({ etag: '"1"' }, { etag: '"1"' })
      const content = await openUrl(client, url())
      expect((await all(content.bytes)).equals(bytes)).to.equal(true)
      expect(rangeStart(server.seen[1] ?? expect.fail('one request'))).to.be.greaterThan(0)
    })

    it('goes on after a 206 that is shorter than what was asked for', async () => {
      server.handler = (request, response) => {
        const from = rangeStart(request)
        if (from === undefined) return serve(request, response, bytes)
        const to = Math.min(from + 50_000, bytes.length)
        const range = `bytes ${from}-${to - 1}/${bytes.length}`
        response.writeHead(206, { 'content-length': to - from, 'content-range': range })
        return response.end(bytes.subarray(from, to))
      }
      const content = await openUrl(client, url(), { from: 1000 })
      expect((await all(content.bytes)).equals(bytes.subarray(1000))).to.equal(true)
    })

    for (const header of ['etag', 'last-modified'])
      it(`is not joined from two files (${header})`, async () => {
        server.handler = cutFirst({ [header]: '"1"' }, { [header]: '"2"' })
        const content = await openUrl(client, url())
        const error = await failure(all(content.bytes), 'CHANGED_MEANWHILE')
        expect(error.message).to.contain('/big.tar').and.not.to.contain('secret')
      })

    it('may be closed without having been read', async () => {
      const hungUp = new Promise((resolve) => {
        server.handler = (_, response) => {
          response.on('close', resolve)
          response.writeHead(200, { 'content-length': bytes.length })
          response.write('x')
        }
      })
      const content = await openUrl(client, url())
      await content.close()
      await hungUp
    })

    function cutFirst(first: Record<string, string>, then: Record<string, string>): FaultyServer['handler'] {
      return (request, response, count) => {
        for (const [name, value] of Object.entries(count === 0 ? first : then))
          response.setHeader(name, value)
        if (count > 0) return serve(request, response, bytes)
        response.writeHead(200, { 'content-length': bytes.length })
        return response.write(bytes.subarray(0, 100_000), () => response.destroy())
      }
    }
  })
})
