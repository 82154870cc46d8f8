import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import {
  ANNOTATIONS,
  blobPath,
  type Descriptor,
  digestOf,
  type Manifest,
  MEDIA_TYPES,
  manifestBytes,
} from '../../../manifests/index.js'
import { addBlob, addIndex, makeLayout, readIndex, writeIndex } from '../../fixtures/layout.js'
import { scratch } from '../../scratch.js'
import { ask, codeOf, type RunningServer, startServing } from './serving.js'

const { folder, remove } = scratch()

/** Requirements of the distribution-spec 1.1, by its sections. */
describe('serve and the distribution-spec', () => {
  let layout = ''
  let server: RunningServer
  let root: Descriptor
  let manifest: Manifest
  let layer: Descriptor
  let index: Descriptor
  let referrer: Descriptor

  const bytesOf = (digest: string): Buffer => readFileSync(path.join(layout, blobPath(digest)))

  before(async () => {
    layout = folder()
    const [first, second] = makeLayout(layout, [
      { refName: 'debian:12.5', layers: [{ files: { a: 300_000 }, compression: 'none' }] },
      { platform: { os: 'linux', architecture: 'arm64' }, layers: [{ files: { b: 20 } }] },
      { refName: 'debian:latest', layers: [{ files: { c: 20 } }] },
      { refName: 'debian:10.1', layers: [{ files: { d: 20 } }] },
      { refName: 'alpine:3.20', layers: [{ files: { e: 20 } }] },
    ])
    if (!first || !second) throw new Error('no image')
    root = first
    index = addIndex(layout, [first, second])
    manifest = JSON.parse(bytesOf(root.digest).toString('utf8')) as Manifest
    layer = manifest.layers[0] as Descriptor
    referrer = addReferrer(layout, root)
    const entries = readIndex(layout).filter((entry) => entry.digest !== second.digest)
    const { annotations: _, ...bare } = referrer
    writeIndex(layout, [
      ...entries,
      { ...index, annotations: { [ANNOTATIONS.refName]: 'debian:multi' } },
      { ...bare, artifactType: 'application/vnd.example.sbom.v1' },
    ])
    server = await startServing({ path: layout })
  })
  after(async () => {
    await server.stop()
    remove()
  })

  describe('Determining Support', () => {
    it('answers GET /v2/ with 200', async () => {
      const { status, headers } = await ask(server, '/v2/')
      expect(status).to.equal(200)
      expect(headers['docker-distribution-api-version']).to.equal('registry/2.0')
    })
  })

  describe('Pulling manifests', () => {
    for (const reference of ['tag', 'digest'] as const)
      it(`gives by ${reference} the stored bytes with 200, their type and their digest`, async () => {
        const name = reference === 'tag' ? '12.5' : root.digest
        const { status, headers, body } = await ask(server, `/v2/debian/manifests/${name}`)
        expect(status).to.equal(200)
        expect(headers['content-type']).to.equal(MEDIA_TYPES.ociManifest)
        expect(headers['docker-content-digest']).to.equal(root.digest)
        expect(digestOf(body)).to.equal(root.digest)
      })

    it('gives an index, and each manifest of it by its digest', async () => {
      const whole = await ask(server, '/v2/debian/manifests/multi')
      expect(whole.headers['content-type']).to.equal(MEDIA_TYPES.ociIndex)
      const { manifests } = JSON.parse(whole.body.toString('utf8')) as { manifests: Descriptor[] }
      expect(manifests).to.have.length(2)
      for (const { digest } of manifests) {
        const { status, body } = await ask(server, `/v2/debian/manifests/${digest}`)
        expect({ status, digest: digestOf(body) }).to.deep.equal({ status: 200, digest })
      }
    })

    it('refuses no Accept header: the stored type is what there is', async () => {
      const headers = { Accept: 'application/vnd.docker.distribution.manifest.v1+json' }
      expect((await ask(server, '/v2/debian/manifests/12.5', { headers })).status).to.equal(200)
    })

    it('answers 404 with MANIFEST_UNKNOWN for a tag or digest that is not there', async () => {
      for (const reference of ['9.9', digestOf('nothing')]) {
        const answer = await ask(server, `/v2/debian/manifests/${reference}`)
        expect([answer.status, codeOf(answer)]).to.deep.equal([404, 'MANIFEST_UNKNOWN'])
      }
    })

    it('answers 404 with NAME_UNKNOWN for a repository that is not there', async () => {
      const answer = await ask(server, '/v2/fedora/manifests/40')
      expect([answer.status, codeOf(answer)]).to.deep.equal([404, 'NAME_UNKNOWN'])
    })

    it('answers 404 for a manifest that its index names and the layout does not hold', async () => {
      const manifests = JSON.parse(bytesOf(index.digest).toString('utf8')).manifests as Descriptor[]
      const gone = addIndex(layout, [...manifests, { ...root, digest: digestOf('gone') }])
      const entries = readIndex(layout)
      writeIndex(layout, [...entries, { ...gone, annotations: { [ANNOTATIONS.refName]: 'debian:partial' } }])
      expect((await ask(server, '/v2/debian/manifests/partial')).status).to.equal(200)
      expect((await ask(server, `/v2/debian/manifests/${digestOf('gone')}`)).status).to.equal(404)
      expect((await ask(server, `/v2/debian/manifests/${root.digest}`)).status).to.equal(200)
      writeIndex(layout, entries)
    })

    it('gives no layer as a manifest', async () => {
      expect((await ask(server, `/v2/debian/manifests/${layer.digest}`)).status).to.equal(404)
    })
  })

  describe('Pulling blobs', () => {
    it('gives a blob with 200 and its digest', async () => {
      const { status, headers, body } = await ask(server, `/v2/debian/blobs/${layer.digest}`)
      expect(status).to.equal(200)
      expect(headers['docker-content-digest']).to.equal(layer.digest)
      expect(headers['content-length']).to.equal(String(layer.size))
      expect(digestOf(body)).to.equal(layer.digest)
    })

    it('answers 404 with BLOB_UNKNOWN for one that is not there, or of another repository', async () => {
      const alpine = JSON.parse(
        (await ask(server, '/v2/alpine/manifests/3.20')).body.toString('utf8'),
      ) as Manifest
      for (const digest of [digestOf('nothing'), alpine.config.digest]) {
        const answer = await ask(server, `/v2/debian/blobs/${digest}`)
        expect([answer.status, codeOf(answer)]).to.deep.equal([404, 'BLOB_UNKNOWN'])
      }
    })

    for (const [range, from, to] of [
      ['bytes=0-0', 0, 1],
      ['bytes=1000-', 1000, undefined],
      ['bytes=131000-131999', 131_000, 132_000],
      ['bytes=-500', -500, undefined],
      ['bytes=299000-9999999', 299_000, undefined],
    ] as const)
      it(`gives a part for Range ${range} (RFC 9110, section 14)`, async () => {
        const whole = bytesOf(layer.digest)
        const wanted = whole.subarray(from, to)
        const { status, headers, body } = await ask(server, `/v2/debian/blobs/${layer.digest}`, {
          headers: { Range: range },
        })
        expect(status).to.equal(206)
        expect(body.equals(wanted)).to.equal(true)
        const start = from < 0 ? whole.length + from : from
        expect(headers['content-range']).to.equal(
          `bytes ${start}-${start + wanted.length - 1}/${whole.length}`,
        )
      })

    it('answers 416 where a range begins behind the end', async () => {
      const headers = { Range: `bytes=${layer.size}-` }
      const answer = await ask(server, `/v2/debian/blobs/${layer.digest}`, { headers })
      expect(answer.status).to.equal(416)
      expect(answer.headers['content-range']).to.equal(`bytes */${layer.size}`)
    })

    it('gives all where a range is none, is several, or has the condition of another blob', async () => {
      for (const headers of [
        { Range: 'bytes=5-2' },
        { Range: 'lines=1-2' },
        { Range: 'bytes=0-1,5-6' },
        { Range: 'bytes=0-1', 'If-Range': '"another"' },
      ] as Record<string, string>[]) {
        const { status, body } = await ask(server, `/v2/debian/blobs/${layer.digest}`, { headers })
        expect([status, body.length]).to.deep.equal([200, layer.size])
      }
    })

    it('answers 304 where the client has it already', async () => {
      for (const path of [`/v2/debian/blobs/${layer.digest}`, '/v2/debian/manifests/12.5']) {
        const { headers } = await ask(server, path)
        const again = await ask(server, path, { headers: { 'If-None-Match': `"x", ${headers.etag}` } })
        expect([again.status, again.body.length]).to.deep.equal([304, 0])
      }
    })
  })

  describe('Checking if content exists in the registry', () => {
    it('answers HEAD with 200, size and digest, and no body', async () => {
      for (const [place, { digest, size }] of [
        [`blobs/${layer.digest}`, layer],
        [`manifests/${root.digest}`, root],
        ['manifests/12.5', root],
      ] as const) {
        const { status, headers, body } = await ask(server, `/v2/debian/${place}`, { method: 'HEAD' })
        expect(status).to.equal(200)
        expect(headers['docker-content-digest']).to.equal(digest)
        expect(headers['content-length']).to.equal(String(size))
        expect(body).to.have.length(0)
      }
    })

    it('says that blobs can be had in parts', async () => {
      const { headers } = await ask(server, `/v2/debian/blobs/${layer.digest}`, { method: 'HEAD' })
      expect(headers['accept-ranges']).to.equal('bytes')
    })

    it('answers HEAD with 404 for what is not there', async () => {
      for (const place of [`blobs/${digestOf('no')}`, `manifests/${digestOf('no')}`, 'manifests/none'])
        expect((await ask(server, `/v2/debian/${place}`, { method: 'HEAD' })).status).to.equal(404)
    })
  })

  describe('Listing Tags', () => {
    const tags = ['10.1', '12.5', 'latest', 'multi']
    const list = async (query: string) => await ask(server, `/v2/debian/tags/list${query}`)

    it('gives all in the order of their code units', async () => {
      const { status, body } = await list('')
      expect(status).to.equal(200)
      expect(JSON.parse(body.toString('utf8'))).to.deep.equal({ name: 'debian', tags })
    })

    it('gives n after last, and leads on by its Link', async () => {
      const found: string[] = []
      let next: string | undefined = '/v2/debian/tags/list?n=3'
      for (let page = 0; next !== undefined && page < 5; page++) {
        const { headers, body } = await ask(server, next)
        found.push(...JSON.parse(body.toString('utf8')).tags)
        next = /^<(.+)>; rel="next"$/.exec(String(headers.link ?? ''))?.[1]
      }
      expect(found).to.deep.equal(tags)
      const { body } = await list('?last=11')
      expect(JSON.parse(body.toString('utf8')).tags).to.deep.equal(tags.slice(1))
    })

    it('gives none and no Link for n=0', async () => {
      const { headers, body } = await list('?n=0')
      expect(JSON.parse(body.toString('utf8')).tags).to.deep.equal([])
      expect(headers.link).to.equal(undefined)
    })

    it('refuses an n that is not a number', async () => {
      expect((await list('?n=many')).status).to.equal(400)
    })

    it('gives the repositories in pages as well', async () => {
      const { headers, body } = await ask(server, '/v2/_catalog?n=1')
      expect(JSON.parse(body.toString('utf8'))).to.deep.equal({ repositories: ['alpine'] })
      expect(headers.link).to.equal('</v2/_catalog?n=1&last=alpine>; rel="next"')
    })
  })

  describe('Listing Referrers', () => {
    const list = async (digest: string, query = '') => {
      const answer = await ask(server, `/v2/debian/referrers/${digest}${query}`)
      return { ...answer, manifests: JSON.parse(answer.body.toString('utf8')).manifests }
    }

    it('gives an index of descriptors with artifactType and the annotations of the manifest', async () => {
      const { status, headers, manifests } = await list(root.digest)
      expect(status).to.equal(200)
      expect(headers['content-type']).to.equal(MEDIA_TYPES.ociIndex)
      expect(manifests).to.deep.equal([
        {
          mediaType: MEDIA_TYPES.ociManifest,
          digest: referrer.digest,
          size: referrer.size,
          artifactType: 'application/vnd.example.sbom.v1',
          annotations: { 'org.example.sbom.format': 'json' },
        },
      ])
    })

    it('gives an empty list where there are none, and never 404', async () => {
      const { status, manifests } = await list(digestOf('nothing'))
      expect({ status, manifests }).to.deep.equal({ status: 200, manifests: [] })
    })

    it('filters by artifactType, and says so', async () => {
      const own = await list(root.digest, '?artifactType=application/vnd.example.sbom.v1')
      expect(own.headers['oci-filters-applied']).to.equal('artifactType')
      expect(own.manifests).to.have.length(1)
      const other = await list(root.digest, '?artifactType=application/x-other')
      expect(other.manifests).to.deep.equal([])
    })

    it('answers 400 for a digest that is none', async () => {
      const answer = await ask(server, '/v2/debian/referrers/sha256:abc')
      expect([answer.status, codeOf(answer)]).to.deep.equal([400, 'DIGEST_INVALID'])
    })

    it('gives the referrer and its blobs by their digests', async () => {
      const { status, body } = await ask(server, `/v2/debian/manifests/${referrer.digest}`)
      expect(status).to.equal(200)
      const { layers } = JSON.parse(body.toString('utf8')) as Manifest
      expect((await ask(server, `/v2/debian/blobs/${layers[0]?.digest}`)).body.toString()).to.equal(
        '{"sbom":1}',
      )
    })
  })

  describe('Push and Content Management', () => {
    for (const [method, place] of [
      ['POST', 'blobs/uploads/'],
      ['POST', `blobs/uploads/?mount=${digestOf('x')}&from=alpine`],
      ['PATCH', 'blobs/uploads/some-session'],
      ['PUT', 'blobs/uploads/some-session?digest=x'],
      ['PUT', 'manifests/12.6'],
      ['DELETE', 'manifests/12.5'],
      ['DELETE', `blobs/${digestOf('x')}`],
    ] as const)
      it(`answers ${method} ${place.slice(0, 30)} with 405 and UNSUPPORTED`, async () => {
        const answer = await ask(server, `/v2/debian/${place}`, {
          method,
          ...(method === 'DELETE' ? {} : { body: 'data' }),
        })
        expect([answer.status, codeOf(answer)]).to.deep.equal([405, 'UNSUPPORTED'])
        expect((await ask(server, '/v2/debian/manifests/12.5')).status).to.equal(200)
      })
  })

  describe('Registry Proxying', () => {
    it('says that it heard the namespace', async () => {
      const { headers } = await ask(server, '/v2/library/debian/manifests/12.5?ns=docker.io')
      expect(headers['oci-namespace']).to.equal('docker.io')
    })
  })
})

/** A manifest of an artifact whose subject is an image. */
function addReferrer(layout: string, { mediaType, digest, size }: Descriptor): Descriptor {
  const config = addBlob(layout, 'application/vnd.oci.empty.v1+json', Buffer.from('{}'))
  const layers = [addBlob(layout, 'application/json', Buffer.from('{"sbom":1}'))]
  return addBlob(
    layout,
    MEDIA_TYPES.ociManifest,
    manifestBytes({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      artifactType: 'application/vnd.example.sbom.v1',
      config,
      layers,
      subject: { mediaType, digest, size },
      annotations: { 'org.example.sbom.format': 'json' },
    }),
  )
}
