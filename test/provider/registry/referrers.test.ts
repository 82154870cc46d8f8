import { expect } from 'chai'
import {
  ANNOTATIONS,
  type Descriptor,
  digestOf,
  MEDIA_TYPES,
  parseReference,
} from '../../../manifests/index.js'
import type { ImageSource } from '../../../provider/copy/ports.js'
import type { RegistryClient } from '../../../provider/registry/client.js'
import { openRegistrySource } from '../../../provider/registry/source.js'
import { type FaultyServer, json, startFaultyServer } from './faulty-server.js'
import { all, failure, impatientClient } from './reading.js'

describe('referrers', () => {
  const image = digestOf('image')
  const hex = image.slice('sha256:'.length)
  const artifact: Descriptor = {
    mediaType: MEDIA_TYPES.ociManifest,
    digest: digestOf('artifact'),
    size: 8,
    artifactType: 'application/vnd.example.sbom',
  }
  const signature = Buffer.from(JSON.stringify({ schemaVersion: 2, config: {}, layers: [] }))
  const index = (...manifests: Descriptor[]) => ({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociIndex,
    manifests,
  })
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

  /** Answers what is in a table of paths below the repository, else 404. */
  function table(answers: Record<string, unknown>): void {
    server.handler = (request, response) => {
      const value = answers[request.url.replace('/v2/base/image/', '')]
      if (value === undefined) return json(response, 404, {})
      if (typeof value === 'number') return json(response, value, {})
      if (Buffer.isBuffer(value))
        return response.writeHead(200, { 'content-type': MEDIA_TYPES.ociManifest }).end(value)
      return json(response, 200, value, { 'content-type': MEDIA_TYPES.ociIndex })
    }
  }
  const find = () => source.referrers?.(image)

  it('are listed by the API', async () => {
    table({ [`referrers/${image}`]: index(artifact) })
    expect(await find()).to.deep.equal([artifact])
  })

  it('are not looked for under the fallback tag where there is an API', async () => {
    table({ [`referrers/${image}`]: index(), [`manifests/sha256-${hex}`]: index(artifact) })
    expect(await find()).to.deep.equal([])
  })

  for (const status of [404, 400, 405])
    it(`are listed under the fallback tag where the API answers ${status}`, async () => {
      table({ [`referrers/${image}`]: status, [`manifests/sha256-${hex}`]: index(artifact) })
      expect(await find()).to.deep.equal([artifact])
    })

  it('are none where the registry takes the fallback tag for the digest and answers with the image', async () => {
    for (const platforms of [[artifact], [artifact, { ...artifact, digest: digestOf('b') }], []]) {
      const bytes = Buffer.from(JSON.stringify(index(...platforms)))
      const list = digestOf(bytes)
      table({ [`manifests/${list.replace(':', '-')}`]: index(...platforms) })
      expect(await source.referrers?.(list)).to.deep.equal([])
    }
  })

  it("are found by cosign's tags, and carry them", async () => {
    table({ [`manifests/sha256-${hex}.sig`]: signature, [`manifests/sha256-${hex}.att`]: signature })
    const found = await find()
    expect(found).to.have.length(1)
    expect(found?.[0]).to.deep.equal({
      mediaType: MEDIA_TYPES.ociManifest,
      digest: digestOf(signature),
      size: signature.length,
      annotations: { [ANNOTATIONS.refName]: `sha256-${hex}.sig` },
    })
  })

  it('that were found by a tag are not fetched again', async () => {
    table({ [`manifests/sha256-${hex}.sig`]: signature })
    const [found] = (await find()) ?? []
    server.seen.length = 0
    if (!found) throw new Error('no signature')
    expect(await all(source.read(found))).to.deep.equal(signature)
    expect(server.seen).to.deep.equal([])
  })

  it('may be none', async () => {
    table({})
    expect(await find()).to.deep.equal([])
  })

  it('are refused where the list is not valid', async () => {
    table({ [`referrers/${image}`]: { schemaVersion: 2, manifests: [{ digest: 'sha256:../x' }] } })
    await failure(source.referrers?.(image) ?? Promise.resolve(), 'INVALID_DOCUMENT')
  })

  it('are not said to be none where the registry fails', async () => {
    table({ [`referrers/${image}`]: index(), [`manifests/sha256-${hex}.sig`]: 500 })
    await failure(source.referrers?.(image) ?? Promise.resolve(), 'REGISTRY_ERROR')
  })
})
