import { expect } from 'chai'
import {
  isImageManifest,
  LIMITS,
  type Manifest,
  MEDIA_TYPES,
  manifestBytes,
  parseManifest,
} from '../../manifests/index.js'
import { bytes, descriptor, manifest } from './documents.js'
import { placesOf, refusal } from './refusal.js'

const places = (change: Record<string, unknown>, mediaType?: string) =>
  placesOf(() => parseManifest(bytes(manifest(change)), mediaType))

describe('manifests', () => {
  it('of OCI and of docker are read as they are', () => {
    const oci = manifest({
      artifactType: 'application/vnd.example',
      subject: descriptor(),
      annotations: { a: 'b' },
      other: { deep: [1] },
    })
    expect(parseManifest(bytes(oci), MEDIA_TYPES.ociManifest)).to.deep.equal(oci)
    const docker = manifest({ mediaType: MEDIA_TYPES.dockerManifest })
    expect(parseManifest(bytes(docker), MEDIA_TYPES.dockerManifest)).to.deep.equal(docker)
  })

  it('need not say their media type, as those of umoci do not', () => {
    const { mediaType: _, ...without } = manifest()
    expect(parseManifest(bytes(without), MEDIA_TYPES.ociManifest)).to.deep.equal(without)
    expect(parseManifest(bytes({ ...without, mediaType: null }))).to.deep.equal(without)
  })

  it('may have no layers, also as null, which is how Go writes an empty list', () => {
    expect(parseManifest(bytes(manifest({ layers: [] }))).layers).to.deep.equal([])
    expect(parseManifest(bytes(manifest({ layers: null }))).layers).to.deep.equal([])
  })

  it('may have many layers', () => {
    const layers = Array(LIMITS.layers).fill(descriptor())
    expect(parseManifest(bytes(manifest({ layers }))).layers).to.have.lengthOf(LIMITS.layers)
  })

  it('may have members that are null, which are not there', () => {
    const nulls = { annotations: null, subject: null, artifactType: null, manifests: null, fsLayers: null }
    const layer = { urls: null, annotations: null, platform: null, data: null }
    const parsed = parseManifest(bytes(manifest({ ...nulls, layers: [descriptor(layer)] })))
    expect(parsed).to.deep.equal(manifest())
  })

  it('tell everything that is wrong at once', () => {
    const change = {
      schemaVersion: 1,
      mediaType: 'text/plain',
      artifactType: 1,
      config: { size: -1 },
      layers: [descriptor({ size: null }), 7],
      subject: [],
      annotations: { a: 1 },
    }
    expect(places(change)).to.deep.equal([
      'schemaVersion',
      'mediaType',
      'artifactType',
      'config.mediaType',
      'config.digest',
      'config.size',
      'layers[0].size',
      'layers[1]',
      'subject',
      'annotations.a',
    ])
  })

  for (const [what, change, where] of [
    ['no schema version', { schemaVersion: undefined }, 'schemaVersion'],
    ['the schema version as a text', { schemaVersion: '2' }, 'schemaVersion'],
    ['no config', { config: undefined }, 'config'],
    ['null as its config', { config: null }, 'config'],
    ['no layers', { layers: undefined }, 'layers'],
    ['an object of layers', { layers: {} }, 'layers'],
    ['null as a layer', { layers: [null] }, 'layers[0]'],
    ['more layers than any image', { layers: Array(LIMITS.layers + 1).fill(descriptor()) }, 'layers'],
    ['layers in another spelling as well', { LayerS: [] }, 'LayerS'],
    ['a subject in another spelling', { Subject: descriptor() }, '(whole)'],
  ] as const)
    it(`are refused with ${what}`, () => {
      expect(places(change)).to.deep.equal([where])
    })

  it('are limited to 4 MiB', () => {
    const large = Buffer.alloc(4 * 1024 * 1024 + 1, ' ')
    expect(refusal(() => parseManifest(large), 'DOCUMENT_TOO_LARGE').found).to.equal(4 * 1024 * 1024 + 1)
    const full = Buffer.concat([bytes(manifest()), Buffer.alloc(4 * 1024 * 1024)]).subarray(
      0,
      4 * 1024 * 1024,
    )
    expect(parseManifest(full.map((byte) => byte || 0x20))).to.deep.equal(manifest())
  })

  describe('are not something else as well (CVE-2021-41190)', () => {
    for (const key of ['manifests', 'Manifests', 'manife\u017fts', 'fsLayers', 'fslayers'])
      it(`has no ${key}`, () => {
        expect(places({ [key]: [] })).to.deep.equal([/^m/i.test(key) ? 'manifests' : 'fsLayers'])
      })

    it('says it is an index', () => {
      expect(places({ mediaType: MEDIA_TYPES.ociIndex })).to.deep.equal(['mediaType'])
    })

    it('says another type than its descriptor', () => {
      expect(places({}, MEDIA_TYPES.dockerManifest)).to.deep.equal(['mediaType'])
    })

    it('comes where its descriptor says an index', () => {
      expect(places({}, MEDIA_TYPES.ociIndex)).to.deep.equal(['mediaType', '(descriptor).mediaType'])
    })
  })

  it('that we make are read as they were, and have the same bytes whatever the order of their members', () => {
    const made = manifest() as unknown as Manifest
    const turned = Object.fromEntries(Object.entries(made).reverse()) as unknown as Manifest
    expect(parseManifest(manifestBytes(made), MEDIA_TYPES.ociManifest)).to.deep.equal(made)
    expect(manifestBytes(turned)).to.deep.equal(manifestBytes(made))
  })

  it('are of images by the type of their config', () => {
    const of = (mediaType: string, config: string) =>
      isImageManifest({
        ...manifest(),
        mediaType,
        config: { ...descriptor(), mediaType: config },
      } as Manifest)
    expect(of(MEDIA_TYPES.ociManifest, MEDIA_TYPES.ociConfig)).to.equal(true)
    expect(of(MEDIA_TYPES.dockerManifest, MEDIA_TYPES.dockerConfig)).to.equal(true)
    expect(of(MEDIA_TYPES.ociManifest, MEDIA_TYPES.ociEmpty)).to.equal(false)
    expect(of(MEDIA_TYPES.ociManifest, 'application/vnd.cncf.helm.config.v1+json')).to.equal(false)
    expect(of(MEDIA_TYPES.dockerManifest, 'application/vnd.docker.plugin.v1+json')).to.equal(false)
    // As in the image-spec's own example of docker:1.12.1.
    expect(of(MEDIA_TYPES.dockerManifest, 'application/octet-stream')).to.equal(true)
    expect(of(MEDIA_TYPES.ociManifest, 'application/octet-stream')).to.equal(false)
  })
})
