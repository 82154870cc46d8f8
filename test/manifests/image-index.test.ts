import { expect } from 'chai'
import { type ImageIndex, indexBytes, LIMITS, MEDIA_TYPES, parseIndex } from '../../manifests/index.js'
import { bytes, descriptor, index } from './documents.js'
import { placesOf, refusal } from './refusal.js'

const places = (change: Record<string, unknown>, mediaType?: string) =>
  placesOf(() => parseIndex(bytes(index(change)), mediaType))

describe('indexes', () => {
  it('of OCI and of docker are read as they are', () => {
    const platform = { os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348.2227' }
    for (const mediaType of [MEDIA_TYPES.ociIndex, MEDIA_TYPES.dockerIndex]) {
      const made = index({ mediaType, manifests: [descriptor({ platform })], annotations: { a: 'b' } })
      expect(parseIndex(bytes(made), mediaType)).to.deep.equal(made)
    }
  })

  it('may hold descriptors of anything, attestations among them', () => {
    const manifests = [
      descriptor({ mediaType: MEDIA_TYPES.ociIndex }),
      descriptor({ mediaType: 'application/vnd.example+xml', urls: ['https://example.com/'] }),
      descriptor({
        platform: { os: 'unknown', architecture: 'unknown' },
        annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
      }),
    ]
    expect(parseIndex(bytes(index({ manifests }))).manifests).to.deep.equal(manifests)
  })

  it('may be empty, also as `umoci init` writes it', () => {
    expect(parseIndex(bytes('{"schemaVersion":2,"manifests":null}'))).to.deep.equal({
      schemaVersion: 2,
      manifests: [],
    })
    expect(parseIndex(bytes(index({ manifests: [] }))).manifests).to.deep.equal([])
  })

  it('tell everything that is wrong at once', () => {
    const change = {
      schemaVersion: 3,
      mediaType: 1,
      artifactType: 'x',
      manifests: [descriptor({ digest: 'x', platform: { os: 'linux' } }), 'x'],
      subject: {},
      annotations: [],
    }
    expect(places(change)).to.deep.equal([
      'schemaVersion',
      'mediaType',
      'artifactType',
      'manifests[0].digest',
      'manifests[0].platform.architecture',
      'manifests[1]',
      'subject.mediaType',
      'subject.digest',
      'subject.size',
      'annotations',
    ])
  })

  it('have a list of manifests', () => {
    for (const manifests of [undefined, {}, 'x', 0])
      expect(places({ manifests })).to.deep.equal(['manifests'])
    expect(places({ manifests: [null] })).to.deep.equal(['manifests[0]'])
    expect(places({ manifests: undefined, Manifests: [] })).to.deep.equal(['(whole)', 'manifests'])
  })

  it('are limited in bytes and in entries', () => {
    refusal(() => parseIndex(Buffer.alloc(LIMITS.indexBytes + 1, ' ')), 'DOCUMENT_TOO_LARGE')
    const list = `[${'0,'.repeat(LIMITS.manifestsInIndex)}0]`
    expect(placesOf(() => parseIndex(bytes(`{"schemaVersion":2,"manifests":${list}}`)))).to.deep.equal([
      'manifests',
    ])
  })

  it('with as many entries as they may have are read', () => {
    const entry = JSON.stringify(descriptor({ mediaType: 'a/b' }))
    const list = Array(LIMITS.manifestsInIndex).fill(entry).join(',')
    const parsed = parseIndex(bytes(`{"schemaVersion":2,"manifests":[${list}]}`))
    expect(parsed.manifests).to.have.lengthOf(LIMITS.manifestsInIndex)
  })

  describe('are not something else as well (CVE-2021-41190)', () => {
    for (const key of ['layers', 'config', 'fsLayers'])
      it(`has no ${key}, in any case`, () => {
        expect(places({ [key]: [] })).to.deep.equal([key])
        expect(places({ [key.toUpperCase()]: {} })).to.deep.equal([key])
      })

    it('says it is a manifest', () => {
      expect(places({ mediaType: MEDIA_TYPES.ociManifest })).to.deep.equal(['mediaType'])
    })

    it('says another type than its descriptor', () => {
      expect(places({}, MEDIA_TYPES.dockerIndex)).to.deep.equal(['mediaType'])
    })

    it('comes where its descriptor says a manifest', () => {
      expect(places({}, MEDIA_TYPES.ociManifest)).to.deep.equal(['mediaType', '(descriptor).mediaType'])
    })
  })

  it('that we make are read as they were', () => {
    const made = index({ annotations: { b: '1', a: '2', 10: '3', 9: '4' } }) as unknown as ImageIndex
    expect(parseIndex(indexBytes(made), MEDIA_TYPES.ociIndex)).to.deep.equal(made)
    expect(indexBytes(made).toString('utf8')).to.match(
      /^\{"annotations":\{"10":"3","9":"4","a":"2","b":"1"\},/,
    )
  })
})
