import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ANNOTATIONS, type Descriptor, MEDIA_TYPES } from '../../../manifests/index.js'
import {
  files,
  find,
  get,
  history,
  inspect,
  install,
  type ProgressEvent,
  save,
  uninstall,
  verify,
} from '../../../provider/index.js'
import {
  addArtifact,
  CHART,
  type MadeArtifact,
  notationSignature,
  ORAS_FILE,
} from '../../fixtures/artifact.js'
import { addBlob, addIndex, makeLayout, readIndex, writeIndex } from '../../fixtures/layout.js'
import { readTar } from '../../fixtures/read-tar.js'
import { scratch } from '../../scratch.js'
import { membersOf, tarOfMembers } from '../../security/attack.js'
import { failure } from './failure.js'

/** Cosign's signature without its tag: it has the type of an image, and a config that a parser would take. */
const COSIGN: MadeArtifact = {
  config: [
    MEDIA_TYPES.ociConfig,
    '{"architecture":"","os":"","rootfs":{"type":"layers","diff_ids":[]},"config":{}}',
  ],
  layers: [['application/vnd.dev.cosign.simplesigning.v1+json', '{"critical":{}}']],
}

describe('artifacts', () => {
  const temporary = scratch()
  let folder = ''
  let store = ''
  let image: Descriptor

  beforeEach(() => {
    folder = path.join(temporary.folder(), 'haul')
    store = path.join(temporary.folder(), 'store')
    image = makeLayout(folder, [
      { refName: 'demo:1.0', layers: [{ files: { 'etc/a': 'a' } }] },
    ])[0] as Descriptor
  })
  after(() => temporary.remove())

  const add = (artifact: MadeArtifact, refName?: string, more: Partial<Descriptor> = {}): Descriptor => {
    const root = addArtifact(folder, artifact)
    const annotations = refName === undefined ? {} : { annotations: { [ANNOTATIONS.refName]: refName } }
    writeIndex(folder, [...readIndex(folder), { ...root, ...annotations, ...more }])
    return root
  }
  const packed = (): string => {
    writeFileSync(`${folder}.tar`, tarOfMembers(membersOf(folder)))
    return `${folder}.tar`
  }

  const kinds: Record<string, [MadeArtifact, string]> = {
    "Helm's chart": [CHART, 'Helm chart'],
    "ORAS's file, whose config is {}": [ORAS_FILE, 'artifact'],
    "cosign's signature without a tag": [COSIGN, 'cosign signature'],
    'a signature over an image that is elsewhere': [
      notationSignature({ mediaType: MEDIA_TYPES.ociManifest, digest: `sha256:${'1'.repeat(64)}`, size: 1 }),
      'Notation signature',
    ],
  }
  for (const [what, [artifact, kind]] of Object.entries(kinds))
    for (const place of ['a folder', 'a tar'])
      it(`are named for what they are in ${place}, and get neither latest nor a platform: ${what}`, async () => {
        const { digest } = add(artifact, 'hauler/app:1.2.3')
        const target = place === 'a tar' ? packed() : folder
        expect((await verify({ paths: [target] })).problems).to.deep.equal([])
        const installed = await install({ targets: [target], store })
        expect(
          installed.images.map(({ digest, tags, platform, kind }) => [digest, tags, platform, kind]),
        ).to.deep.equal([
          [image.digest, ['demo:1.0', 'demo:latest'], 'linux/amd64', undefined],
          [digest, ['hauler/app:1.2.3'], '', kind],
        ])
        const rows = await get({ store })
        expect(rows.map(({ repository, tag, os, kind }) => [`${repository}:${tag}`, os, kind])).to.deep.equal(
          [
            ['demo:1.0', 'linux', undefined],
            ['demo:latest', 'linux', undefined],
            ['hauler/app:1.2.3', '', kind],
          ],
        )
        const described = await inspect({ names: [target], store })
        expect(described.map((one) => 'kind' in one && [one.digest, one.platform, one.kind])).to.deep.equal([
          false,
          [digest, '', kind],
        ])
        const { images } = await find({ source: target, store })
        const offered = images.find((one) => one.digest === digest)
        expect(offered).to.include({ name: 'hauler/app', version: '1.2.3', os: '', architecture: '', kind })
        expect(offered?.summary).to.match(new RegExp(`^${kind}, `))
      })

  it('without a name are kept by their digest, and the name of the file stays with the image', async () => {
    writeIndex(folder, [image])
    const { digest } = add(ORAS_FILE)
    const { images } = await install({ targets: [packed()], store })
    expect(images.map(({ digest, tags, kind }) => [digest, tags, kind])).to.deep.equal([
      [image.digest, ['haul:latest'], undefined],
      [digest, [], 'artifact'],
    ])
    expect((await get({ store })).at(-1)).to.include({ repository: '<none>', tag: '<none>', digest })
  })

  const oddities: Record<string, (at: string) => Descriptor> = {
    'a document of no kind that is known': (at) => addBlob(at, 'application/xml', Buffer.from('<x/>')),
    'a list of charts': (at) => addIndex(at, [addArtifact(at, CHART)]),
    'an artifact of no layers': (at) => addArtifact(at, { ...ORAS_FILE, layers: [] }),
  }
  for (const [what, made] of Object.entries(oddities))
    it(`never make the images beside them unusable: ${what}`, async () => {
      writeIndex(folder, [...readIndex(folder), made(folder)])
      const target = packed()
      expect((await verify({ paths: [target] })).problems).to.deep.equal([])
      expect((await install({ targets: [target], store })).images[0]).to.include({ digest: image.digest })
      expect((await inspect({ names: [target], store }))[0]).to.include({ digest: image.digest })
      expect((await find({ source: target, store })).images.map(({ digest }) => digest)).to.include(
        image.digest,
      )
      expect((await get({ store }))[0]).to.include({ repository: 'demo' })
      const saved = await save({ names: [target], path: path.join(temporary.folder(), 'odd.tar'), store })
      expect(saved.images[0]).to.include({ digest: image.digest })
    })

  for (const name of ['demo:latest', 'demo:1.0'])
    it(`take no name that an image of the same archive has: ${name}`, async () => {
      const { digest } = add(CHART, name)
      const { images } = await install({ targets: [folder], store })
      expect(images.map(({ digest, tags }) => [digest, tags])).to.deep.equal([
        [image.digest, ['demo:1.0', 'demo:latest']],
        [digest, []],
      ])
    })

  it('go with the image that they are over, and are told of with it', async () => {
    const { digest } = add(notationSignature(image))
    const { images } = await install({ targets: [packed()], store })
    expect(images).to.have.length(1)
    const carried = [
      { kind: 'Notation signature', artifactType: 'application/vnd.cncf.notary.signature', digest },
    ]
    expect(images[0]?.artifacts).to.deep.equal(carried)
    const saved = await save({ names: [folder], path: path.join(folder, '..', 'demo.tar'), store })
    expect(saved.images[0]?.artifacts).to.deep.equal(carried)
    expect((await inspect({ names: [folder], store })).map((one) => 'kind' in one && one.kind)).to.deep.equal(
      [false, 'Notation signature'],
    )
    expect((await history({ name: folder, store })).length).to.equal(1)
  })

  it('go along with what they are over: each platform of an index, a chart, and each other', async () => {
    const amd = image
    const [arm] = makeLayout(folder, [
      { refName: 'arm:1', platform: { os: 'linux', architecture: 'arm64' }, layers: [{ files: { b: 'b' } }] },
    ])
    const platforms = [amd, arm as Descriptor].map((one, i) => ({
      ...one,
      platform: { os: 'linux', architecture: i === 0 ? 'amd64' : 'arm64' },
    }))
    const index = addIndex(folder, platforms)
    writeIndex(folder, [{ ...index, annotations: { [ANNOTATIONS.refName]: 'multi:1' } }])
    const signatures = [amd, arm as Descriptor, index].map((one) => add(notationSignature(one)))
    const sbom = add({
      ...ORAS_FILE,
      more: { artifactType: 'application/spdx+json', subject: arm as Descriptor },
    })
    const ofSbom = add(notationSignature(sbom))
    const chart = add(CHART, 'charts/app:1')
    const ofChart = add(notationSignature(chart))
    const file = path.join(temporary.folder(), 'all.tar')
    await save({ names: [folder], path: file, allPlatforms: true, store })
    const { images } = await install({ targets: [file], allPlatforms: true, store })
    const carried = images.map(({ artifacts = [] }) => artifacts.map(({ digest }) => digest).sort())
    expect(images.map(({ digest }) => digest)).to.deep.equal([index.digest, chart.digest])
    expect(carried).to.deep.equal([
      [...signatures, sbom, ofSbom].map(({ digest }) => digest).sort(),
      [ofChart.digest],
    ])
    expect(await get({ store })).to.have.length(3)
    expect((await verify({ store })).problems).to.deep.equal([])
    await uninstall({ name: 'multi', allVersions: true, store })
    expect((await get({ store })).map(({ repository }) => repository)).to.deep.equal(['charts/app'])
    await uninstall({ name: 'charts/app', allVersions: true, store })
    expect(readIndex(store)).to.deep.equal([])
  })

  for (const artifactType of [MEDIA_TYPES.ociConfig, 'application/vnd.example.disk.v1', 'text/plain'])
    it(`are not what an entry calls so, where the config is an image's: ${artifactType}`, async () => {
      writeIndex(
        folder,
        readIndex(folder).map((entry) => ({ ...entry, artifactType })),
      )
      const target = packed()
      expect((await verify({ paths: [target] })).problems).to.deep.equal([])
      const { images } = await install({ targets: [target], store })
      expect(images).to.have.length(1)
      expect(images[0]).to.include({ platform: 'linux/amd64', digest: image.digest })
      expect(await get({ store })).to.have.length(2)
      expect(await inspect({ names: [target], store })).to.have.length(1)
      expect((await find({ source: target, store })).images).to.have.length(1)
    })

  it('are on the page and in the list of a media, and come off it again', async () => {
    const { digest } = add(CHART, 'hauler/app:1.2.3')
    const media = path.join(temporary.folder(), 'media')
    const saved = await save({ names: [packed()], path: media, format: 'media', force: true, store })
    expect(saved.media).to.include({ images: 1, artifacts: 1 })
    const page = readFileSync(path.join(media, 'index.html'), 'utf8')
    expect(page).to.include('1 image, 1 artifact').and.to.include('Helm chart, no image')
    const list = JSON.parse(readFileSync(path.join(media, 'media.json'), 'utf8'))
    expect(list.images.at(-1)).to.include({ name: 'hauler/app', kind: 'Helm chart', platform: '', digest })
    expect((await verify({ paths: [media] })).problems).to.deep.equal([])
    const { images } = await install({ targets: [media], store })
    expect(images.map(({ kind }) => kind)).to.deep.equal([undefined, 'Helm chart'])
  })

  it('stand in an archive under no name by which an engine would take them, and keep their own', async () => {
    const { digest } = add(CHART, 'hauler/app:1.2.3')
    const file = path.join(temporary.folder(), 'again.tar')
    await save({ names: [folder], path: file, store })
    const member = (name: string): unknown => JSON.parse(String(readTar(readFileSync(file)).get(name)))
    expect(member('manifest.json')).to.have.length(1)
    const { manifests } = member('index.json') as { manifests: Descriptor[] }
    const names = manifests.find((entry) => entry.digest === digest)?.annotations ?? {}
    expect(names).to.not.have.any.keys(ANNOTATIONS.refName, ANNOTATIONS.containerdName)
    const { images } = await install({ targets: [file], store })
    expect(images.at(-1)).to.include({ name: 'hauler/app', version: '1.2.3', digest, kind: 'Helm chart' })
  })

  it('are left out of a docker archive with a note, and alone refused', async () => {
    add(CHART, 'hauler/app:1.2.3')
    const notes: string[] = []
    const file = path.join(temporary.folder(), 'docker.tar')
    const request = { path: file, format: 'docker-archive', store, force: true } as const
    const onProgress = (event: ProgressEvent): void => {
      if (event.type === 'note') notes.push(event.message)
    }
    const saved = await save({ ...request, names: [folder], onProgress })
    expect(saved.images.map(({ name }) => name)).to.deep.equal(['demo'])
    expect(notes.join('\n')).to.match(/hauler\/app 1\.2\.3 is a Helm chart and is left out/)
    writeIndex(folder, readIndex(folder).slice(1))
    await failure(save({ ...request, names: [folder] }), 'FORMAT_UNFIT')
  })

  it('are no part of a docker archive of their image, which says so', async () => {
    add(notationSignature(image))
    const notes: string[] = []
    const onProgress = (event: ProgressEvent): void => {
      if (event.type === 'note') notes.push(event.message)
    }
    const file = path.join(temporary.folder(), 'docker.tar')
    const saved = await save({ names: [folder], path: file, format: 'docker-archive', store, onProgress })
    expect(saved.images[0]).to.not.have.property('artifacts')
    expect(notes.join('\n')).to.match(/demo 1\.0: Notation signature left out/)
  })

  it('are uninstalled by name, and leave the images', async () => {
    add(CHART, 'hauler/app:1.2.3')
    await install({ targets: [folder], store })
    await uninstall({ name: 'hauler/app', version: '1.2.3', store })
    expect((await get({ store })).map(({ repository }) => repository)).to.deep.equal(['demo', 'demo'])
    expect((await verify({ store })).problems).to.deep.equal([])
  })

  it('have no history', async () => {
    writeIndex(folder, [])
    add(CHART, 'hauler/app:1.2.3')
    await failure(history({ name: folder, store }), 'FORMAT_UNFIT')
  })

  for (const [what, [artifact, kind]] of Object.entries(kinds))
    it(`have neither files nor history, which is said of ${what} without sending anybody to an engine`, async () => {
      writeIndex(folder, [])
      add(artifact, 'hauler/app:1.2.3')
      await install({ targets: [folder], store })
      for (const name of [folder, packed(), 'hauler/app:1.2.3'])
        for (const ask of [files, history])
          expect(await failure(ask({ name, store }), 'FORMAT_UNFIT')).to.include({
            found: kind,
            remedy: 'Give an image; `inspect` shows what this is.',
          })
    })
})
