import { expect } from 'chai'
import type { Descriptor } from '../../../../manifests/index.js'
import { copy, type ProgressEvent, remove, tags } from '../../../../provider/index.js'
import { type DockerRegistry, startDockerRegistry } from '../../../peers/docker-registry.js'
import { describeWithPeers } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { type FaultyServer, json, startFaultyServer } from '../../registry/faulty-server.js'
import { Repository, startRepository } from '../../registry/repository.js'
import { failure } from '../failure.js'

describeWithPeers(['docker-registry'], 'removing an image from a registry', () => {
  const temporary = scratch()
  let registry: DockerRegistry
  let source: FaultyServer
  let repository: Repository
  let index: Descriptor
  let app: string
  let count = 0

  before(async () => {
    registry = await startDockerRegistry({ delete: true })
    source = await startRepository(() => repository)
  })
  after(async () => {
    await registry.stop()
    await source.stop()
    temporary.remove()
  })
  beforeEach(async () => {
    repository = new Repository()
    index = repository.index([repository.image('amd64'), repository.image('arm64')], '1.0')
    repository.image('s390x', '2.0')
    app = `${registry.host}/site${++count}/app`
  })

  const bring = (tag: string, more: string[] = []) =>
    copy({
      image: `${source.host}/base/app:${tag}`,
      destination: app,
      tags: more,
      allPlatforms: true,
      store: temporary.folder(),
    })
  const left = async (): Promise<string[]> =>
    (await tags({ repository: app, allTags: true, store: temporary.folder() })).tags.map(({ tag }) => tag)

  it('takes the tag alone where other tags name the same, and names them', async () => {
    await bring('1.0', ['stable', 'latest'])
    const { removed } = await remove({ references: [`${app}:stable`] })
    expect(removed[0]).to.deep.include({
      how: 'untagged',
      digest: index.digest,
      tags: [`${app}:stable`],
      remaining: [`${app}:1.0`, `${app}:latest`],
    })
    expect(await left()).to.deep.equal(['1.0', 'latest'])
  })

  it('takes the manifest with the last tag, and what refers to it', async () => {
    const sbom = repository.artifact(index, 'what is in it')
    await bring('1.0')
    await bring('2.0')
    const { removed } = await remove({ references: [`${app}:1.0`] })
    expect(removed[0]).to.deep.include({ how: 'deleted', tags: [`${app}:1.0`], remaining: [] })
    expect(removed[0]?.artifacts.map(({ digest }) => digest)).to.deep.equal([sbom.digest])
    expect(await left()).to.deep.equal(['2.0'])
    await failure(remove({ references: [`${app}@${index.digest}`] }), 'NOT_FOUND')
    await failure(remove({ references: [`${app}@${sbom.digest}`] }), 'NOT_FOUND')
  })

  it('takes all tags where that is wanted', async () => {
    await bring('1.0', ['stable'])
    await bring('2.0')
    const { removed } = await remove({ references: [`${app}:1.0`], force: true })
    expect(removed[0]?.tags).to.deep.equal([`${app}:1.0`, `${app}:stable`])
    expect(await left()).to.deep.equal(['2.0'])
  })

  it('does nothing with what-if, and says the same', async () => {
    await bring('1.0', ['stable'])
    const whatIf = await remove({ references: [`${app}:stable`], whatIf: true })
    expect(await left()).to.deep.equal(['1.0', 'stable'])
    expect(whatIf).to.deep.equal(await remove({ references: [`${app}:stable`] }))
  })

  it('keeps by its digest what tags name, or an index needs', async () => {
    await bring('1.0')
    const error = await failure(remove({ references: [`${app}@${index.digest}`] }), 'IN_USE')
    expect(error.found).to.equal('1.0')
    const [platform] = JSON.parse(repository.manifests.get(index.digest)?.bytes.toString() ?? '').manifests
    const needed = await failure(remove({ references: [`${app}@${platform.digest}`] }), 'IN_USE')
    expect(needed.found).to.equal('1.0 (index)')
    expect(await left()).to.deep.equal(['1.0'])
  })

  it('refuses a repository without a tag, and a tag that is another image than its digest', async () => {
    await bring('1.0')
    await failure(remove({ references: [app] }), 'INVALID_REFERENCE')
    await failure(remove({ references: [`${app}:1.0@sha256:${'0'.repeat(64)}`] }), 'DIGEST_MISMATCH')
    expect(await left()).to.deep.equal(['1.0'])
  })

  it('says in words that a registry lets nobody delete, and changes nothing there', async () => {
    const strict = await startDockerRegistry()
    try {
      app = `${strict.host}/site/app`
      await bring('1.0', ['stable'])
      for (const force of [false, true]) {
        const error = await failure(remove({ references: [`${app}:stable`], force }), 'REGISTRY_READ_ONLY')
        expect(error.message).to.contain('does not allow deletion')
        expect(error.remedy).to.contain('REGISTRY_STORAGE_DELETE_ENABLED')
      }
      expect(await left()).to.deep.equal(['1.0', 'stable'])
    } finally {
      await strict.stop()
    }
  })

  for (const [status, code] of [
    [403, 'UNAUTHORIZED'],
    [412, 'REGISTRY_ERROR'],
    [429, 'RATE_LIMITED'],
  ] as const)
    it(`passes on what a registry says that answers with ${status}`, async () => {
      const odd = await startFaultyServer((request, response) =>
        request.method === 'DELETE'
          ? json(
              response,
              status,
              { errors: [{ code: 'DENIED', message: 'tag is kept' }] },
              status === 429 ? { 'retry-after': '3600' } : {},
            )
          : repository.answer(request.url.replace('/v2/base/app/', ''), request, response),
      )
      try {
        const error = await failure(remove({ references: [`${odd.host}/base/app:2.0`] }), code)
        expect(error.message).to.match(/tag is kept|further requests/)
      } finally {
        await odd.stop()
      }
    })

  it('notes that a registry still has what it said it deleted', async () => {
    const odd = await startFaultyServer((request, response) =>
      request.method === 'DELETE'
        ? response.writeHead(202).end()
        : repository.answer(request.url.replace('/v2/base/app/', ''), request, response),
    )
    const notes: string[] = []
    const onProgress = (event: ProgressEvent): void =>
      void (event.type === 'note' && notes.push(event.message))
    await remove({ references: [`${odd.host}/base/app:2.0`], onProgress })
    expect(notes.join()).to.contain('still answers for it')
    await odd.stop()
  })
})
