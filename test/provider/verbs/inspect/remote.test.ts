import path from 'node:path'
import { expect } from 'chai'
import type { Descriptor } from '../../../../manifests/index.js'
import type { ProgressEvent } from '../../../../provider/index.js'
import { history, inspect, pull, save } from '../../../../provider/index.js'
import { run } from '../../../cli/command/run.js'
import { scratch } from '../../../scratch.js'
import type { FaultyServer } from '../../registry/faulty-server.js'
import { Repository, startRepository } from '../../registry/repository.js'
import { failure } from '../failure.js'

describe('an image in a registry', () => {
  const temporary = scratch()
  let server: FaultyServer
  let repository: Repository
  let index: Descriptor
  let sbom: Descriptor
  let store: string

  before(async () => {
    server = await startRepository(() => repository)
  })
  after(() => server.stop())
  beforeEach(() => {
    repository = new Repository()
    index = repository.index([repository.image('amd64'), repository.image('arm64')], '1.0')
    sbom = repository.artifact(index, 'what is in it')
    store = path.join(temporary.folder(), 'store')
    server.seen.length = 0
  })
  afterEach(() => temporary.remove())

  const reference = (): string => `${server.host}/base/app:1.0`
  const layersAsked = () => {
    const configs = [...repository.manifests.values()].map(
      ({ bytes }) => JSON.parse(bytes.toString()).config?.digest,
    )
    return server.seen.filter(({ method, url }) => {
      const digest = /blobs\/(.*)$/.exec(url)?.[1]
      return method === 'GET' && digest !== undefined && !configs.includes(digest)
    })
  }

  it('is shown with its size, platforms, config and what goes with it, and no layer is fetched', async () => {
    const [image] = await inspect({ names: [reference()], platform: 'linux/arm64', store })
    expect(image).to.deep.include({ reference: reference(), digest: index.digest, platform: 'linux/arm64' })
    if (!image || !('platforms' in image)) throw new Error('no platforms')
    expect(image.platforms?.map(({ platform, size }) => [platform, size === undefined])).to.deep.equal([
      ['linux/amd64', true],
      ['linux/arm64', false],
    ])
    expect(image.platforms?.[1]?.size).to.equal(image.size)
    expect(image.artifacts?.map(({ digest, kind }) => [digest, kind])).to.deep.equal([[sbom.digest, 'SBOM']])
    expect((image.config as { architecture: string }).architecture).to.equal('arm64')
    expect(layersAsked()).to.deep.equal([])
  })

  it('has the sizes of all platforms where they are asked for, and nothing of referrers where they are not', async () => {
    const [image] = await inspect({ names: [reference()], allPlatforms: true, noReferrers: true, store })
    if (!image || !('platforms' in image)) throw new Error('no platforms')
    expect(image.platforms?.every(({ size }) => (size ?? 0) > 0)).to.equal(true)
    expect(image).not.to.have.property('artifacts')
    expect(server.seen.filter(({ url }) => url.includes('referrers'))).to.deep.equal([])
  })

  it('has no platforms to choose from where its tag is one manifest', async () => {
    const one = repository.image('s390x', '2.0')
    const [image] = await inspect({ names: [`${server.host}/base/app:2.0`], store })
    expect(image).to.deep.include({ digest: one.digest, platform: 'linux/s390x' })
    expect(image).not.to.have.property('platforms')
  })

  it('is what is installed, unless the registry is asked for', async () => {
    await pull({ references: [reference()], store })
    server.seen.length = 0
    const [installed] = await inspect({ names: [reference()], store })
    expect(installed).not.to.have.property('reference')
    expect(server.seen).to.deep.equal([])
    const [there] = await inspect({ names: [reference()], remote: true, store })
    expect(there).to.have.property('reference', reference())
  })

  it('has its history without a layer', async () => {
    await history({ name: reference(), store })
    expect(layersAsked()).to.deep.equal([])
    await failure(history({ name: `${server.host}/base/app@${sbom.digest}`, store }), 'FORMAT_UNFIT')
  })

  it('is not there, or not for a platform', async () => {
    await failure(inspect({ names: [`${server.host}/base/app:none`], store }), 'NOT_FOUND')
    await failure(inspect({ names: [reference()], platform: 'windows/amd64', store }), 'PLATFORM_NOT_FOUND')
    await failure(inspect({ names: ['nothing-of-that-name'], store }), 'NOT_INSTALLED')
  })

  it('is a table for people and JSON for programs', async () => {
    const shown = await run(['inspect', reference(), '--store', store])
    expect(shown.code, shown.err).to.equal(0)
    for (const text of [reference(), index.digest, 'linux/arm64', 'SBOM', '1 layer'])
      expect(shown.out).to.contain(text)
    const told = JSON.parse((await run(['inspect', reference(), '--json', '--store', store])).out)
    expect(told[0].reference).to.equal(reference())
  })

  describe('by a tag and a digest', () => {
    const saved = async (name: string) => {
      const notes: string[] = []
      const onProgress = (event: ProgressEvent): void =>
        void (event.type === 'note' && notes.push(event.message))
      const target = path.join(temporary.folder(), 'x.tar')
      const { images } = await save({
        names: [name],
        path: target,
        platform: 'linux/amd64',
        store,
        onProgress,
      })
      return { digest: images[0]?.digest, notes: notes.filter((note) => note.includes('the digest counts')) }
    }

    it('is the one of the digest, and a note says that the tag is another by now', async () => {
      const other = repository.image('amd64', '3.0')
      const moved = repository.index([other], 'moved')
      const { notes } = await saved(`${server.host}/base/app:moved@${index.digest}`)
      expect(notes[0]).to.contain(moved.digest.slice(7, 19))
      const gone = await saved(`${server.host}/base/app:gone@${index.digest}`)
      expect(gone.notes[0]).to.contain('is not there any more')
    })

    it('is taken without a word where both are the same', async () => {
      const { notes } = await saved(`${server.host}/base/app:1.0@${index.digest}`)
      expect(notes).to.deep.equal([])
    })
  })
})
