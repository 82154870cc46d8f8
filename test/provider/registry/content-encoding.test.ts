import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { MEDIA_TYPES, parseReference } from '../../../manifests/index.js'
import type { ImageSource } from '../../../provider/copy/ports.js'
import type { RegistryClient } from '../../../provider/registry/client.js'
import { RegistryDocuments } from '../../../provider/registry/document.js'
import { openRegistrySource } from '../../../provider/registry/source.js'
import { RegistryTags } from '../../../provider/registry/tags.js'
import { type FaultyServer, rangeStart, startFaultyServer } from './faulty-server.js'
import { all, blob, failure, impatientClient } from './reading.js'

describe('an encoded answer', () => {
  const manifest = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, layers: [], config: {} }),
  )
  const ENCODINGS: Record<string, (bytes: Buffer) => Buffer> = {
    gzip: (bytes) => gzipSync(bytes),
    'x-gzip': (bytes) => gzipSync(bytes),
    deflate: (bytes) => deflateSync(bytes),
    br: (bytes) => brotliCompressSync(bytes),
  }
  let server: FaultyServer
  let client: RegistryClient
  let source: ImageSource

  before(async () => {
    server = await startFaultyServer(() => undefined)
  })
  after(() => server.stop())
  beforeEach(() => {
    server.seen.length = 0
    client = impatientClient()
    source = openRegistrySource(client, parseReference(`${server.host}/base/image`))
  })
  afterEach(() => client.close())

  function send(bytes: Buffer, encoding: string, type = 'application/json', length = true): void {
    server.handler = (_request, response) =>
      response
        .writeHead(200, {
          'content-type': type,
          'content-encoding': encoding,
          ...(length ? { 'content-length': bytes.length } : {}),
        })
        .end(bytes)
  }

  it('is not asked for', async () => {
    send(Buffer.from('{"tags":[]}'), '')
    await new RegistryTags(client).tags(server.host, 'base/image', {})
    expect(server.seen.map(({ headers }) => headers['accept-encoding'])).to.deep.equal(['identity'])
  })

  for (const [encoding, encode] of Object.entries(ENCODINGS))
    it(`in ${encoding} is decoded, of manifests, lists, configs and layers`, async () => {
      send(encode(manifest), encoding, MEDIA_TYPES.ociManifest)
      expect((await source.resolve('1.0')).size).to.equal(manifest.length)
      send(encode(Buffer.from('{"tags":["a"]}')), encoding)
      expect(await new RegistryTags(client).tags(server.host, 'base/image', {})).to.deep.equal(['a'])
      const config = Buffer.from('{"config":true}')
      send(encode(config), encoding, 'application/octet-stream', false)
      expect(await all(source.read(blob(config), { isDocument: true }))).to.deep.equal(config)
      const layer = Buffer.alloc(300_000, 'a layer')
      send(encode(layer), encoding)
      expect(await all(source.read(blob(layer)))).to.deep.equal(layer)
    })

  it('that says so of a layer as it is stored is that layer', async () => {
    const layer = gzipSync('a layer', { level: 1 })
    send(layer, 'gzip')
    expect(await all(source.read(blob(layer, MEDIA_TYPES.ociLayerGzip)))).to.deep.equal(layer)
  })

  for (const label of ['gzip', 'aws-chunked', 'utf-8', 'identity', 'none, gzip'])
    it(`that says ${label} of plain bytes is taken as plain`, async () => {
      send(manifest, label, MEDIA_TYPES.ociManifest)
      expect((await source.resolve('1.0')).size).to.equal(manifest.length)
    })

  it('that breaks off is asked for as a whole, as no part of it can be decoded', async () => {
    const layer = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * i * 31) % 251))
    const encoded = gzipSync(layer)
    server.handler = (request, response, count) => {
      const from = rangeStart(request)
      const bytes = encoded.subarray(from ?? 0)
      response.writeHead(from === undefined ? 200 : 206, {
        'content-encoding': 'gzip',
        ...(from === undefined
          ? {}
          : { 'content-range': `bytes ${from}-${encoded.length - 1}/${encoded.length}` }),
      })
      if (count > 0) return response.end(bytes)
      response.write(bytes.subarray(0, encoded.length / 2))
      return setTimeout(() => response.destroy(), 20)
    }
    expect((await all(source.read(blob(layer)))).equals(layer)).to.equal(true)
  })

  it('is decoded no further than anybody may send', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000))
    send(bomb, 'gzip', MEDIA_TYPES.ociManifest)
    const before = process.memoryUsage().rss
    await failure(source.resolve('1.0'), 'DOCUMENT_TOO_LARGE')
    expect(process.memoryUsage().rss - before).to.be.below(100_000_000)
  })

  it('that is cut short, or none, is an error of the registry', async () => {
    const encoded = gzipSync(manifest)
    for (const bytes of [
      encoded.subarray(0, 20),
      Buffer.concat([encoded.subarray(0, 12), Buffer.alloc(30, 7)]),
    ]) {
      send(bytes, 'gzip', MEDIA_TYPES.ociManifest)
      await failure(source.resolve('1.0'), 'REGISTRY_ERROR')
    }
    expect(server.seen).to.have.length(2)
  })

  it('of a file on the web is that file, and of a document there is decoded', async () => {
    const index = gzipSync('{"images":[]}')
    send(index, 'gzip')
    const documents = new RegistryDocuments(client)
    const read = await documents.read(`${server.origin}/index.json`, { limit: 1000 })
    expect(Buffer.from(read).toString()).to.equal('{"images":[]}')
    const { openUrl } = await import('../../../provider/registry/document.js')
    const file = await openUrl(client, `${server.origin}/image.tar.gz`)
    expect(await all(file.bytes)).to.deep.equal(index)
  })
})
