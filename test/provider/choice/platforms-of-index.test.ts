import { expect } from 'chai'
import { type Descriptor, type Digest, digestOf, MEDIA_TYPES } from '../../../manifests/index.js'
import { platformsOfIndex } from '../../../provider/choice/platforms-of-index.js'

describe('the platforms of an index', () => {
  const documents = new Map<Digest, Uint8Array>()
  beforeEach(() => documents.clear())

  function kept(mediaType: string, document: object, platform?: Descriptor['platform']): Descriptor {
    const bytes = Buffer.from(JSON.stringify(document))
    documents.set(digestOf(bytes), bytes)
    return { mediaType, digest: digestOf(bytes), size: bytes.length, ...(platform ? { platform } : {}) }
  }
  const image = (architecture: string): Descriptor =>
    kept(MEDIA_TYPES.ociManifest, { schemaVersion: 2, architecture }, { os: 'linux', architecture })
  const index = (...manifests: Descriptor[]): Descriptor =>
    kept(MEDIA_TYPES.ociIndex, { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests })
  const platforms = (root: Descriptor): string[] | undefined =>
    platformsOfIndex(root, { documents, images: [], contents: [] }).platforms

  it('are in its order, each once', () => {
    expect(platforms(index(image('arm64'), image('amd64'), image('arm64')))).to.deep.equal([
      'linux/arm64',
      'linux/amd64',
    ])
  })

  it('are also those of the indexes in it', () => {
    expect(platforms(index(index(image('amd64')), image('arm64')))).to.deep.equal([
      'linux/amd64',
      'linux/arm64',
    ])
    expect(platforms(index(index(index(image('s390x')), image('amd64'))))).to.deep.equal([
      'linux/s390x',
      'linux/amd64',
    ])
  })

  it('are only those that are here, and of no image alone', () => {
    const inner = index(image('amd64'), image('arm64'))
    const root = index(inner, image('s390x'))
    documents.delete(image('arm64').digest)
    expect(platforms(root)).to.deep.equal(['linux/amd64', 'linux/s390x'])
    documents.delete(inner.digest)
    expect(platforms(root)).to.deep.equal(['linux/s390x'])
    expect(platforms(image('amd64'))).to.equal(undefined)
  })
})
