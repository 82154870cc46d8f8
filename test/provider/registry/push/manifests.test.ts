import { expect } from 'chai'
import {
  type Descriptor,
  digestOf,
  type ImageIndex,
  MEDIA_TYPES,
  manifestBytes,
} from '../../../../manifests/index.js'
import type { PlannedImage } from '../../../../provider/copy/ports.js'
import type { RegistryClient } from '../../../../provider/registry/client.js'
import { Mounts } from '../../../../provider/registry/push/mounts.js'
import { registrySink } from '../../../../provider/registry/push/sink.js'
import { failure, impatientClient } from '../reading.js'
import { type ScriptedRegistry, startScriptedRegistry } from './scripted-registry.js'

describe('pushing manifests', () => {
  const image = documentOf({})
  const signature = documentOf({ subject: image.descriptor, artifactType: 'application/vnd.example.sbom' })
  const another = documentOf({ subject: image.descriptor, artifactType: 'application/vnd.example.other' })
  const listTag = image.descriptor.digest.replace(':', '-')
  let registry: ScriptedRegistry
  let client: RegistryClient

  beforeEach(async () => {
    registry = await startScriptedRegistry()
    client = impatientClient()
  })
  afterEach(async () => {
    await client.close()
    await registry.stop()
  })

  /** Writes a document and gives it its names, as a copy does. */
  async function push({ descriptor, bytes }: Document, tags: string[] = []): Promise<void> {
    const destination = { client, registry: registry.host, repository: 'base/image', insecure: false }
    const sink = registrySink(destination, new Mounts())
    const named: PlannedImage = {
      root: descriptor,
      names: tags.map((tag) => ({ repository: 'base/image', tag })),
      annotations: {},
    }
    await sink.begin?.({
      contents: [descriptor],
      documents: new Map([[descriptor.digest, bytes]]),
      images: [named],
    })
    if (!(await sink.has(descriptor)))
      await sink.write({
        descriptor,
        async *open() {
          yield bytes
        },
      })
    await sink.tag(named)
  }
  const listed = (): Descriptor[] =>
    (JSON.parse(registry.manifests.get(listTag)?.bytes.toString() ?? '{"manifests":[]}') as ImageIndex)
      .manifests
  const puts = (): string[] =>
    registry.came.filter(({ method }) => method === 'PUT').map(({ url }) => url.split('/').at(-1) ?? '')

  it('puts a manifest under each of its tags, with its own type', async () => {
    await push(image, ['1.0', 'latest'])
    expect(puts()).to.deep.equal(['1.0', 'latest'])
    expect(registry.manifests.get('latest')?.type).to.equal(MEDIA_TYPES.ociManifest)
  })

  it('writes no tag again that names it already, as many registries forbid', async () => {
    await push(image, ['1.0'])
    registry.came.length = 0
    await push(image, ['1.0'])
    expect(puts()).to.deep.equal([])
  })

  it('says what helps where tags cannot move', async () => {
    for (const said of [
      { status: 400, code: 'TAG_INVALID', message: 'The image tag 1.0 is immutable' },
      {
        status: 412,
        code: 'PRECONDITION',
        message: 'Failed to process request due to base/image:1.0 configured as immutable.',
      },
      { status: 409, code: 'DENIED', message: 'tag immutability is on' },
      { status: 403, code: 'ImageTagAlreadyExistsException', message: 'exists' },
      { status: 409, code: 'TAG_ALREADY_EXISTS', message: 'no' },
      { status: 409, code: 'CONFLICT', message: 'tag exists' },
      {
        status: 405,
        code: 'UNSUPPORTED',
        message: 'The operation is disallowed on this registry, repository or image.',
      },
    ]) {
      registry.script = { answer: said }
      const error = await failure(push(image, ['1.0']), 'REGISTRY_ERROR')
      expect(error.remedy).to.contain('`noLatest`')
    }
  })

  it('says that a name is not allowed, not that it may be later', async () => {
    registry.script = { answer: { status: 400, code: 'NAME_INVALID', message: 'invalid repository name' } }
    const error = await failure(push(image, ['1.0']), 'REGISTRY_ERROR')
    expect(error.message).to.contain('does not allow a repository').and.contain('NAME_INVALID')
    expect(error.remedy).to.contain('another name').and.not.contain('later')
  })

  it('takes a registry that refuses every manifest for read-only', async () => {
    registry.script = {
      answer: { status: 405, code: 'UNSUPPORTED', message: 'The operation is unsupported.' },
    }
    await failure(push(image, ['1.0']), 'REGISTRY_READ_ONLY')
  })

  it('says so in whatever words a registry has for it, names the tag, and for latest what leaves it alone', async () => {
    for (const message of [
      'Updating asset is not allowed: v2/base/image/manifests/1.0',
      'You are not allowed to overwrite v2/base/image/manifests/1.0.',
      'cannot be overwritten',
      'Tag 1.0 already exists and is protected',
      'tag base/image:1.0 is locked',
    ])
      for (const tag of ['1.0', 'latest']) {
        registry.script = { answer: { status: 403, code: 'DENIED', message } }
        registry.manifests.set(image.descriptor.digest, { type: MEDIA_TYPES.ociManifest, bytes: image.bytes })
        const error = await failure(push(image, [tag]), 'REGISTRY_ERROR')
        expect(error.message).to.contain(`base/image:${tag}`).and.contain('keeps its tags')
        expect(error.remedy).to.contain('`noLatest`')
        expect(error.remedy?.includes('another version')).to.equal(tag !== 'latest')
      }
  })

  it('does not take any refusal of a tag for one of all tags that move', async () => {
    for (const message of [
      'requested access to the resource is denied',
      'not allowed',
      'project is locked',
    ]) {
      registry.script = { answer: { status: 403, code: 'DENIED', message } }
      registry.manifests.set(image.descriptor.digest, { type: MEDIA_TYPES.ociManifest, bytes: image.bytes })
      await failure(push(image, ['1.0']), 'UNAUTHORIZED')
    }
  })

  it('fails where the registry has another manifest under the tag afterwards', async () => {
    registry.script = { wrongDigest: digestOf('another') }
    const error = await failure(push(image, ['1.0']), 'DIGEST_MISMATCH')
    expect(error.side).to.equal('destination')
    expect(error.expected).to.equal(image.descriptor.digest)
  })

  it('reads the bytes back where the registry tells no digest', async () => {
    registry.script = { silentDigest: true }
    await push(image, ['1.0'])
    expect(registry.came.map(({ method, url }) => `${method} ${url.split('/').at(-1)}`)).to.include('GET 1.0')
  })

  it('lists a referrer under the tag of its subject where the registry has no referrers API', async () => {
    await push(image, ['1.0'])
    await push(signature)
    await push(another)
    await push(signature)
    expect(listed().map(({ digest, artifactType }) => [digest, artifactType])).to.deep.equal([
      [signature.descriptor.digest, 'application/vnd.example.sbom'],
      [another.descriptor.digest, 'application/vnd.example.other'],
    ])
    expect(registry.manifests.get(listTag)?.type).to.equal(MEDIA_TYPES.ociIndex)
  })

  for (const [what, answer] of [
    ['refuses to say', { status: 403 }],
    ['wants a login that nobody asked for', { status: 401 }],
    ['fails', { status: 503 }],
    ['shows a page for people', { status: 200, body: '<html>Sign in</html>' }],
    ['answers in JSON of its own', { status: 200, body: '{"status":"ok"}' }],
  ] as const)
    it(`lists a referrer under the tag of its subject where the API ${what}`, async () => {
      registry.script = { referrers: answer }
      await push(image, ['1.0'])
      await push(signature)
      expect(listed().map(({ digest }) => digest)).to.deep.equal([signature.descriptor.digest])
    })

  it('lists a referrer that an earlier run has pushed and not yet listed', async () => {
    registry.manifests.set(signature.descriptor.digest, {
      type: MEDIA_TYPES.ociManifest,
      bytes: signature.bytes,
    })
    await push(signature)
    expect(listed()).to.have.length(1)
  })

  it('leaves the list to a registry that has the API, or says that it entered the subject', async () => {
    registry.script = { entersSubjects: true }
    await push(signature)
    expect(registry.came.some(({ url }) => url.includes('referrers'))).to.equal(false)
    registry.script = { referrersApi: true }
    await push(another)
    expect(registry.manifests.has(listTag)).to.equal(false)
  })
})

interface Document {
  descriptor: Descriptor
  bytes: Buffer
}

function documentOf(more: { subject?: Descriptor; artifactType?: string }): Document {
  const empty = { mediaType: MEDIA_TYPES.ociEmpty, digest: digestOf('{}'), size: 2 }
  const bytes = manifestBytes({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: empty,
    layers: [empty],
    ...more,
  })
  return {
    bytes,
    descriptor: { mediaType: MEDIA_TYPES.ociManifest, digest: digestOf(bytes), size: bytes.length },
  }
}
