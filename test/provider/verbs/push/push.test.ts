import path from 'node:path'
import { expect } from 'chai'
import { ANNOTATIONS, type Descriptor, digestOf, MEDIA_TYPES } from '../../../../manifests/index.js'
import { copy, find, install, type ProgressEvent, push, tag } from '../../../../provider/index.js'
import { addArtifact, CHART, ORAS_FILE } from '../../../fixtures/artifact.js'
import { addIndex, type MadeLayer, makeLayout, readIndex, writeIndex } from '../../../fixtures/layout.js'
import { makeSample } from '../../../fixtures/sample.js'
import { type DockerRegistry, startDockerRegistry } from '../../../peers/docker-registry.js'
import { describeWithPeers, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../failure.js'

describeWithPeers(['docker-registry', 'skopeo'], 'push', () => {
  const temporary = scratch()
  let registry: DockerRegistry
  let store: string
  let prefix: string
  let count = 0

  before(async () => {
    registry = await startDockerRegistry()
  })
  after(async () => {
    await registry.stop()
    temporary.remove()
  })
  beforeEach(() => {
    store = path.join(temporary.folder(), 'store')
    prefix = `${registry.host}/site${++count}`
  })

  const digestAt = (reference: string): string =>
    digestOf(
      Buffer.from(runPeer('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${reference}`])),
    )
  const tagsAt = (repository: string): string[] =>
    JSON.parse(runPeer('skopeo', ['list-tags', '--tls-verify=false', `docker://${repository}`])).Tags.sort()

  /** Installs one image of each version, all upon the same base. */
  async function installed(versions: string[], name = 'debian', base?: MadeLayer): Promise<string> {
    const folder = path.join(temporary.folder(), 'made')
    const layers = [base ?? { files: { base: 3_000_000 } }]
    makeLayout(
      folder,
      versions.map((version) => ({
        refName: `${name}:${version}`,
        layers: [...layers, { files: { version } }],
      })),
    )
    await install({ targets: [folder], store })
    return folder
  }

  it('brings an installed image, its version and what the store calls latest', async () => {
    await installed(['12.5'])
    const result = await push({ names: ['debian'], registry: prefix, store })
    const [image] = result.images
    expect(image?.reference).to.equal(`${prefix}/debian:12.5`)
    expect(image?.tags.map((one) => one.split(':').at(-1))).to.deep.equal(['12.5', 'latest'])
    expect(digestAt(`${prefix}/debian:12.5`)).to.equal(image?.digest)
    expect(digestAt(`${prefix}/debian:latest`)).to.equal(image?.digest)
    expect(result.sentBytes).to.equal(image?.size)
  })

  for (const from of ['an archive', 'the store'])
    it(`brings a chart and a file as they are, and no latest, out of ${from}`, async () => {
      const folder = path.join(temporary.folder(), 'haul')
      makeLayout(folder, [{ refName: 'demo:1.0', layers: [{ files: { a: 'a' } }] }])
      const named = (root: Descriptor, refName: string): Descriptor => ({
        ...root,
        annotations: { [ANNOTATIONS.refName]: refName },
      })
      const chart = addArtifact(folder, CHART)
      const file = addArtifact(folder, ORAS_FILE)
      const others = [named(chart, 'charts/app:1.2.3'), named(file, 'firmware/x:7')]
      writeIndex(folder, [...readIndex(folder), ...others, addArtifact(folder, { ...CHART, layers: [] })])
      const notes: string[] = []
      const onProgress = (event: ProgressEvent): void => {
        if (event.type === 'note') notes.push(event.message)
      }
      await install({ targets: [folder], store })
      const names = from === 'the store' ? ['charts/app', 'firmware/x'] : [folder]
      const { images } = await push({ names, registry: prefix, store, onProgress })
      expect(images.map(({ kind }) => kind).filter(Boolean)).to.deep.equal(['Helm chart', 'artifact'])
      expect(tagsAt(`${prefix}/charts/app`)).to.deep.equal(['1.2.3'])
      expect(digestAt(`${prefix}/charts/app:1.2.3`)).to.equal(chart.digest)
      expect(digestAt(`${prefix}/firmware/x:7`)).to.equal(file.digest)
      const unnamed = notes.filter((note) => /\(Helm chart\) has no name and is not pushed/.test(note))
      expect(unnamed).to.have.length(from === 'the store' ? 0 : 1)
      const offered = await find({ names: [`${prefix}/charts/app:1.2.3`], store })
      expect(offered.images[0]).to.include({ kind: 'Helm chart', os: '', digest: chart.digest })
    })

  it('moves latest only with the image that the store calls so, and not at all with noLatest', async () => {
    await installed(['12.4', '12.5'])
    await push({ names: ['debian:12.4'], registry: prefix, store })
    expect(tagsAt(`${prefix}/debian`)).to.deep.equal(['12.4'])
    await push({ names: ['debian'], registry: prefix, store, noLatest: true })
    expect(tagsAt(`${prefix}/debian`)).to.deep.equal(['12.4', '12.5'])
    await push({ names: ['debian:latest'], registry: prefix, store })
    expect(tagsAt(`${prefix}/debian`)).to.deep.equal(['12.4', '12.5', 'latest'])
    expect(digestAt(`${prefix}/debian:latest`)).to.equal(digestAt(`${prefix}/debian:12.5`))
  })

  it('takes patterns, further tags, and names that hold the registry they came from', async () => {
    await installed(['12.5'])
    await tag({ from: 'debian:12.5', to: 'registry.example.org/linux/base:stable', store })
    const { images } = await push({ names: ['deb*', '*/base'], registry: prefix, store })
    expect(images.flatMap(({ reference }) => reference)).to.have.members([
      `${prefix}/debian:12.5`,
      `${prefix}/linux/base:stable`,
    ])
  })

  it('does not repeat a prefix that a name begins with, and takes no other beginning for one', async () => {
    await installed(['12.5'])
    const site = prefix.slice(prefix.indexOf('/') + 1)
    for (const to of [
      `ghcr.io/${site}/app:1`,
      `${site}/team/app:2`,
      `${site}x/app:3`,
      `other/${site}/app:4`,
      `${site}:5`,
    ])
      await tag({ from: 'debian:12.5', to, store })
    const { images } = await push({ names: [`*${site}*`, site], registry: prefix, store })
    expect(images.flatMap(({ reference }) => reference)).to.have.members([
      `${prefix}/app:1`,
      `${prefix}/team/app:2`,
      `${prefix}/${site}x/app:3`,
      `${prefix}/other/${site}/app:4`,
      `${prefix}/${site}:5`,
    ])
  })

  it('sends nothing the second time', async () => {
    await installed(['12.5'])
    const first = await push({ names: ['debian'], registry: prefix, store })
    const second = await push({ names: ['debian'], registry: prefix, store })
    expect(second.sentBytes).to.equal(0)
    expect(second.reusedBytes).to.equal(first.sentBytes)
  })

  it('mounts a base from the repository of another image that is built on it', async () => {
    const base: MadeLayer = { files: { base: Buffer.alloc(2_000_000, 7) }, compression: 'none' }
    await installed(['1.0'], 'base', base)
    await push({ names: ['base'], registry: prefix, store })
    await installed(['2.0'], 'product', base)
    const { mountedBytes, sentBytes } = await push({ names: ['product'], registry: prefix, store })
    expect(mountedBytes).to.be.greaterThan(2_000_000)
    expect(sentBytes).to.be.lessThan(10_000)
  })

  it('brings the images of an archive without installing them', async () => {
    const sample = makeSample(temporary.folder(), 'base:1.2.3')
    const { images } = await push({ names: [sample.folder], registry: prefix, store })
    expect(images.map(({ reference }) => reference)).to.deep.equal([`${prefix}/base:1.2.3`])
    expect(digestAt(`${prefix}/base:latest`)).to.equal(sample.root.digest)
    const list = digestAt(`${prefix}/base:${sample.root.digest.replace(':', '-')}`)
    expect(list, 'the signature is listed for its subject').to.match(/^sha256:/)
  })

  it('brings every platform of an index, under one tag', async () => {
    const folder = path.join(temporary.folder(), 'platforms')
    const images = ['amd64', 'arm64'].map((architecture) => ({
      platform: { os: 'linux', architecture },
      layers: [{ files: { architecture } }],
    }))
    const index = addIndex(folder, makeLayout(folder, images))
    writeIndex(folder, [{ ...index, annotations: { 'org.opencontainers.image.ref.name': 'both:1.0' } }])
    await push({ names: [folder], registry: prefix, store, allPlatforms: true })
    expect(digestAt(`${prefix}/both:1.0`)).to.equal(index.digest)
    const target = `oci:${path.join(temporary.folder(), 'arm')}:1.0`
    const from = ['copy', '-q', '--src-tls-verify=false', `docker://${prefix}/both:1.0`]
    runPeer('skopeo', ['--override-arch', 'arm64', ...from, target])
  })

  it('tells what it leaves out of a name with several images, and what takes them', async () => {
    const folder = path.join(temporary.folder(), 'several')
    const images = ['amd64', 'arm64'].map((architecture) => ({
      refName: 'several:1.0',
      platform: { os: 'linux', architecture },
      layers: [{ files: { architecture } }],
    }))
    makeLayout(folder, images)
    const notes: string[] = []
    const onProgress = (event: ProgressEvent) => {
      if (event.type === 'note') notes.push(event.message)
    }
    const destination = `${prefix}/several-copied`
    for (const allPlatforms of [false, true]) {
      await push({ names: [folder], registry: prefix, store, allPlatforms, onProgress })
      await copy({ image: folder, destination, store, allPlatforms, onProgress })
      expect(notes, 'as before where all are taken').to.have.length(2)
    }
    for (const note of notes)
      expect(note).to.match(/^several 1\.0 is there for linux\/a[rm64d]+ as well.* takes all\.$/)
  })

  it('tells of each tag that named another image, in what-if as in the run, and of no other', async () => {
    const repository = prefix.slice(prefix.indexOf('/') + 1)
    await installed(['12.4', '12.5'])
    const first = await push({ names: ['debian:12.4', 'debian:12.5'], registry: prefix, store })
    expect(first).to.not.have.property('moved')
    const before = digestAt(`${prefix}/debian:12.5`)
    await installed(['12.5'], 'debian', { files: { base: 10 } })
    const request = { names: ['debian:12.5', 'debian:12.4'], registry: prefix, store }
    const planned = await push({ ...request, whatIf: true })
    const result = await push(request)
    const to = digestAt(`${prefix}/debian:12.5`)
    const moved = ['12.5', 'latest'].map((one) => ({
      tag: `${repository}/debian:${one}`,
      from: before,
      to,
      toVersion: '12.5',
    }))
    expect(result.moved).to.deep.equal(moved)
    expect(planned.moved).to.deep.equal(moved)
    expect(await push(request)).to.not.have.property('moved')
  })

  it('says what would be sent, and sends nothing', async () => {
    await installed(['12.4'])
    await push({ names: ['debian'], registry: prefix, store })
    await installed(['12.4', '12.5'])
    const result = await push({ names: ['debian:12.5'], registry: prefix, store, whatIf: true })
    expect(result.images[0]?.wouldSend?.bytes).to.equal(result.sentBytes)
    expect(result.sentBytes).to.be.greaterThan(0)
    expect(tagsAt(`${prefix}/debian`)).to.deep.equal(['12.4', 'latest'])
  })

  it('leaves foreign layers to their URLs unless they are asked for', async () => {
    const folder = path.join(temporary.folder(), 'foreign')
    const [root] = makeLayout(folder, [
      {
        refName: 'windows:1.0',
        layers: [
          {
            files: { large: 100_000 },
            mediaType: MEDIA_TYPES.dockerForeignLayerGzip,
            urls: ['https://mcr.microsoft.com/v2/any'],
          },
        ],
      },
    ])
    const whatIf = { names: [folder], registry: prefix, store, whatIf: true }
    const left = await push(whatIf)
    const taken = await push({ ...whatIf, allowNondistributable: true })
    expect(root).to.not.equal(undefined)
    expect(taken.sentBytes - left.sentBytes).to.be.greaterThan(100_000)
    expect(left.images[0]?.wouldSend?.blobs).to.equal(1)
  })

  it('tells of its progress, to the end', async () => {
    await installed(['12.5'])
    const events: ProgressEvent[] = []
    const { sentBytes } = await push({
      names: ['debian'],
      registry: prefix,
      store,
      onProgress: (e) => events.push(e),
    })
    const bytes = events.map((event) => (event.type === 'bytes' ? event.count : 0))
    expect(bytes.reduce((a, b) => a + b, 0)).to.equal(sentBytes)
  })

  describe('under a whole name', () => {
    it('gives one image that name, whatever it is called here', async () => {
      const folder = await installed(['12.5'])
      for (const [names, name] of [
        [['debian'], 'os:stable'],
        [['debian:12.5'], 'deep/down/os:1.0_x-y'],
        [[`./${path.relative('.', folder)}`], 'from-a-folder:v1'],
      ] as const) {
        const { images } = await push({ names: [...names], registry: `${prefix}/${name}`, store })
        expect(images.map(({ reference }) => reference)).to.deep.equal([`${prefix}/${name}`])
        expect(digestAt(`${prefix}/${name}`)).to.equal(images[0]?.digest)
        expect(tagsAt(`${prefix}/${name.split(':')[0]}`)).to.deep.equal([name.split(':')[1]])
      }
    })

    it('takes an image that has several names here', async () => {
      await installed(['12.5'])
      await tag({ from: 'debian:12.5', to: 'quay.io/team/base:1', store })
      const { images } = await push({ names: ['debian', 'team/base'], registry: `${prefix}/os:9`, store })
      expect(images).to.have.length(1)
    })

    it('refuses several images, with what-if as well', async () => {
      await installed(['12.4', '12.5'])
      for (const whatIf of [true, false]) {
        const error = await failure(
          push({ names: ['debian'], registry: `${prefix}/os:9`, store, whatIf }),
          'AMBIGUOUS_NAME',
        )
        expect(error.message).to.contain(`${prefix}/os:9`)
        expect(error.found).to.contain('12.4').and.to.contain('12.5')
        expect(error.remedy).to.contain(prefix)
      }
      await failure(push({ names: ['debian'], registry: `${prefix}/os:a:b`, store }), 'INVALID_REFERENCE')
    })
  })

  it('refuses two images that would get one name, before anything is sent', async () => {
    await installed(['7'], 'quay.io/team/redis')
    await installed(['7'], 'ghcr.io/team/redis', { files: { other: 2000 } })
    const names = ['quay.io/team/redis', 'ghcr.io/team/redis']
    const error = await failure(push({ names, registry: prefix, store }), 'AMBIGUOUS_NAME')
    expect(error.message).to.contain(`${prefix}/team/redis:7`)
    await failure(push({ names: ['*redis'], registry: prefix, store, whatIf: true }), 'AMBIGUOUS_NAME')
    await push({ names: names.slice(1), registry: prefix, store })
    await push({ names: names.slice(0, 1), registry: `${prefix}/team/redis:7-quay`, store })
    expect(tagsAt(`${prefix}/team/redis`)).to.deep.equal(['7', '7-quay', 'latest'])
  })

  it('refuses what is not a registry, and names that nothing has', async () => {
    await installed(['12.5'])
    await failure(push({ names: ['debian'], registry: 'ubuntu', store }), 'INVALID_REFERENCE')
    await failure(
      push({ names: ['debian'], registry: 'http://registry.example.org', store }),
      'SOURCE_INSECURE',
    )
    await failure(push({ names: ['debain'], registry: prefix, store }), 'NOT_INSTALLED')
    await failure(push({ names: ['./nothing'], registry: prefix, store }), 'PATH_NOT_FOUND')
  })
})
