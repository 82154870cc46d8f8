import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { digestOf, LIMITS, MEDIA_TYPES, parseReference } from '../../../manifests/index.js'
import type { ImageSource } from '../../../provider/copy/ports.js'
import type { RegistryClient } from '../../../provider/registry/client.js'
import { openRegistrySource } from '../../../provider/registry/source.js'
import { type FaultyServer, startFaultyServer } from './faulty-server.js'
import { all, failure, impatientClient } from './reading.js'

describe('resolving a tag', () => {
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, config: {}, layers: [] }))
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

  function answer(bytes: Buffer, headers: Record<string, string | number> = {}): void {
    server.handler = (_, response) => {
      response.writeHead(200, { 'content-type': MEDIA_TYPES.ociManifest, ...headers })
      response.end(bytes)
    }
  }

  it('asks for indexes and manifests of OCI and of docker', async () => {
    answer(manifest)
    await source.resolve('1.0')
    expect(server.seen[0]?.url).to.equal('/v2/base/image/manifests/1.0')
    for (const type of [
      MEDIA_TYPES.ociIndex,
      MEDIA_TYPES.dockerIndex,
      MEDIA_TYPES.ociManifest,
      MEDIA_TYPES.dockerManifest,
    ])
      expect(server.seen[0]?.headers.accept).to.contain(type)
  })

  it('gives the digest of the bytes that came, and keeps them', async () => {
    answer(manifest, { 'docker-content-digest': digestOf(manifest) })
    const descriptor = await source.resolve('1.0')
    expect(descriptor).to.deep.equal({
      mediaType: MEDIA_TYPES.ociManifest,
      digest: digestOf(manifest),
      size: manifest.length,
    })
    expect(await all(source.read(descriptor))).to.deep.equal(manifest)
    expect(await all(source.read(descriptor, { from: 3 }))).to.deep.equal(manifest.subarray(3))
    expect(server.seen).to.have.length(1)
  })

  it('fetches by its digest what it has not kept', async () => {
    answer(manifest)
    const descriptor = {
      mediaType: MEDIA_TYPES.ociManifest,
      digest: digestOf(manifest),
      size: manifest.length,
    }
    expect(await all(source.read(descriptor))).to.deep.equal(manifest)
    expect(server.seen[0]?.url).to.equal(`/v2/base/image/manifests/${descriptor.digest}`)
  })

  it('refuses a wrong Docker-Content-Digest, and shows both', async () => {
    const other = digestOf('something else')
    answer(manifest, { 'docker-content-digest': other })
    const error = await failure(source.resolve('1.0'), 'DIGEST_MISMATCH')
    expect(error).to.include({ expected: other, found: digestOf(manifest), side: 'source' })
  })

  it('refuses a Docker-Content-Digest that is none', async () => {
    answer(manifest, { 'docker-content-digest': 'sha256:../../etc/passwd' })
    await failure(source.resolve('1.0'), 'REGISTRY_ERROR')
  })

  it('compares a Docker-Content-Digest of another algorithm', async () => {
    answer(manifest, {
      'docker-content-digest': `sha512:${createHash('sha512').update(manifest).digest('hex')}`,
    })
    expect((await source.resolve('1.0')).digest).to.equal(digestOf(manifest))
    answer(manifest, { 'docker-content-digest': `sha512:${'0'.repeat(128)}` })
    await failure(source.resolve('1.0'), 'DIGEST_MISMATCH')
  })

  it('refuses another manifest than that of the digest it asked for', async () => {
    answer(manifest)
    await failure(source.resolve(digestOf('something else')), 'DIGEST_MISMATCH')
  })

  it('refuses a manifest of 5 MB by its Content-Length, before it comes', async () => {
    let sent = 0
    server.handler = (_, response) => {
      response.writeHead(200, { 'content-type': MEDIA_TYPES.ociManifest, 'content-length': 5_000_000 })
      response.write('{')
      sent++
    }
    const error = await failure(source.resolve('1.0'), 'DOCUMENT_TOO_LARGE')
    expect(error).to.include({ expected: `at most ${LIMITS.manifestBytes} bytes`, found: '5000000 bytes' })
    expect(sent).to.equal(1)
  })

  it('stops reading a manifest of 5 MB that does not say its length', async () => {
    server.handler = (_, response) => {
      response.writeHead(200, { 'content-type': MEDIA_TYPES.ociManifest })
      response.end(Buffer.alloc(5_000_000, ' '))
    }
    await failure(source.resolve('1.0'), 'DOCUMENT_TOO_LARGE')
  })

  it('takes an index of 5 MB', async () => {
    const index = Buffer.from(`{"schemaVersion":2,"manifests":[]}${' '.repeat(5_000_000)}`)
    answer(index, { 'content-type': MEDIA_TYPES.ociIndex })
    expect(await source.resolve('1.0')).to.include({ mediaType: MEDIA_TYPES.ociIndex, size: index.length })
  })

  it('takes the media type from the document where the server does not know it', async () => {
    const types: [object, string][] = [
      [{ mediaType: MEDIA_TYPES.dockerManifest, layers: [] }, MEDIA_TYPES.dockerManifest],
      [{ mediaType: MEDIA_TYPES.dockerIndex, manifests: [] }, MEDIA_TYPES.dockerIndex],
      [{ schemaVersion: 2, layers: [] }, MEDIA_TYPES.ociManifest],
      [{ schemaVersion: 2, manifests: [] }, MEDIA_TYPES.ociIndex],
    ]
    for (const [document, expected] of types) {
      answer(Buffer.from(JSON.stringify(document)), { 'content-type': 'text/plain; charset=utf-8' })
      expect((await source.resolve('1.0')).mediaType).to.equal(expected)
    }
  })

  for (const [what, text, type] of [
    ['no JSON', '<html>', 'text/html'],
    ['another document', '{"hello":"world"}', 'application/json'],
    ['another kind of artifact', '{"mediaType":"application/x-thing"}', 'application/x-thing'],
  ] as const)
    it(`refuses ${what}`, async () => {
      answer(Buffer.from(text), { 'content-type': type })
      await failure(source.resolve('1.0'), 'INVALID_DOCUMENT')
    })

  it('names the old schema 1 as what it is', async () => {
    const old = Buffer.from(JSON.stringify({ schemaVersion: 1, fsLayers: [], history: [] }))
    for (const type of [MEDIA_TYPES.dockerManifestV1Signed, 'application/json']) {
      answer(old, { 'content-type': type })
      const error = await failure(source.resolve('1.0'), 'INVALID_DOCUMENT')
      expect(error.message).to.contain("docker's schema 1")
      expect(error.remedy).to.contain('newer tag')
    }
  })

  for (const name of ['', '..', 'a/b', 'a b', 'sha256:abc', '%2e%2e', `x${'y'.repeat(128)}`])
    it(`asks for nothing by ${JSON.stringify(name.slice(0, 20))}, which is neither tag nor digest`, async () => {
      await failure(source.resolve(name), 'INVALID_REFERENCE')
      expect(server.seen).to.deep.equal([])
    })
})
