import { expect } from 'chai'
import {
  isConfigType,
  isForeignLayerType,
  isIndexType,
  isManifestType,
  isMediaType,
  layerCompression,
  MANIFEST_ACCEPT,
  MEDIA_TYPES,
} from '../../manifests/index.js'

const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar'
const OCI_FOREIGN = 'application/vnd.oci.image.layer.nondistributable.v1.tar'
const DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar'

describe('media types', () => {
  it('are well formed, each of them', () => {
    for (const type of Object.values(MEDIA_TYPES)) expect(isMediaType(type), type).to.equal(true)
  })

  it('tell index, manifest and config apart', () => {
    const kinds = (type: string) => [isIndexType(type), isManifestType(type), isConfigType(type)]
    for (const type of [MEDIA_TYPES.ociIndex, MEDIA_TYPES.dockerIndex])
      expect(kinds(type)).to.deep.equal([true, false, false])
    for (const type of [MEDIA_TYPES.ociManifest, MEDIA_TYPES.dockerManifest])
      expect(kinds(type)).to.deep.equal([false, true, false])
    for (const type of [MEDIA_TYPES.ociConfig, MEDIA_TYPES.dockerConfig])
      expect(kinds(type)).to.deep.equal([false, false, true])
    for (const type of [MEDIA_TYPES.dockerManifestV1, MEDIA_TYPES.ociEmpty, MEDIA_TYPES.ociLayer, ''])
      expect(kinds(type)).to.deep.equal([false, false, false])
  })

  it('do not change their meaning with their case', () => {
    expect(isManifestType(MEDIA_TYPES.ociManifest.toUpperCase())).to.equal(false)
  })

  it('ask a registry for both kinds of index and of manifest, and not for schema 1', () => {
    expect([...MANIFEST_ACCEPT].filter((type) => isIndexType(type) || isManifestType(type))).to.have.lengthOf(
      4,
    )
    expect(MANIFEST_ACCEPT).to.have.lengthOf(4)
  })

  const compressions: [type: string, expected: string | undefined][] = [
    [OCI_LAYER, 'none'],
    [`${OCI_LAYER}+gzip`, 'gzip'],
    [`${OCI_LAYER}+zstd`, 'zstd'],
    [OCI_FOREIGN, 'none'],
    [`${OCI_FOREIGN}+gzip`, 'gzip'],
    [`${OCI_FOREIGN}+zstd`, 'zstd'],
    [DOCKER_LAYER, 'none'],
    [`${DOCKER_LAYER}.gzip`, 'gzip'],
    [`${DOCKER_LAYER}.zstd`, 'zstd'],
    [MEDIA_TYPES.dockerForeignLayer, 'none'],
    [MEDIA_TYPES.dockerForeignLayerGzip, 'gzip'],
    [`${OCI_LAYER}+encrypted`, undefined],
    [`${OCI_LAYER}+br`, undefined],
    ['application/vnd.in-toto+json', undefined],
    ['application/gzip', undefined],
    [MEDIA_TYPES.ociConfig, undefined],
    ['', undefined],
  ]
  for (const [type, expected] of compressions)
    it(`say of ${type || 'nothing'} that its compression is ${expected ?? 'not known'}`, () => {
      expect(layerCompression(type)).to.equal(expected)
    })

  it('know which layers may be foreign', () => {
    for (const type of [OCI_FOREIGN, `${OCI_FOREIGN}+gzip`, MEDIA_TYPES.dockerForeignLayerGzip])
      expect(isForeignLayerType(type), type).to.equal(true)
    for (const type of [OCI_LAYER, DOCKER_LAYER, `x${OCI_FOREIGN}`])
      expect(isForeignLayerType(type), type).to.equal(false)
  })

  for (const good of [
    'a/b',
    'application/octet-stream',
    'text/x!#$&-^_.+1',
    `${'a'.repeat(127)}/${'b'.repeat(127)}`,
  ])
    it(`have the form that RFC 6838 gives them: ${good.slice(0, 40)}`, () => {
      expect(isMediaType(good)).to.equal(true)
    })

  for (const bad of [
    '',
    'a',
    'a/',
    '/b',
    'a/b/c',
    ' a/b',
    'a/b ',
    'a/b\n',
    'a/b;charset=utf-8',
    '.a/b',
    'a/+b',
    'ä/b',
    `${'a'.repeat(128)}/b`,
    7,
    null,
    undefined,
  ])
    it(`are not ${JSON.stringify(bad)?.slice(0, 40)}`, () => {
      expect(isMediaType(bad)).to.equal(false)
    })
})
