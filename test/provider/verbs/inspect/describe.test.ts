import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ANNOTATIONS, blobPath, type Descriptor } from '../../../../manifests/index.js'
import { history, install, save } from '../../../../provider/index.js'
import { inspectImages } from '../../../fixtures/inspect-images.js'
import { addIndex, type MadeLayer, makeLayout, readIndex, writeIndex } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../failure.js'

const LAYERS: MadeLayer[] = [{ files: { one: 'one' } }, { files: { two: 2000 } }]
const CREATED = '2024-02-11T00:00:00Z'

describe('what is told of an image', () => {
  const temporary = scratch()
  let folder: string
  let store: string

  beforeEach(() => {
    folder = path.join(temporary.folder(), 'layout')
    store = path.join(temporary.folder(), 'store')
  })
  afterEach(() => temporary.remove())

  function manifestOf(layout: string, root: Descriptor): { layers: Descriptor[]; config: Descriptor } {
    return JSON.parse(readFileSync(path.join(layout, blobPath(root.digest)), 'utf8'))
  }

  describe('history', () => {
    it('lists the steps, newest first, with the sizes of their layers', async () => {
      const steps = [
        { created: CREATED, created_by: 'ADD rootfs' },
        { created: CREATED, created_by: 'ENV A=b', empty_layer: true, comment: 'nothing\u001b[31m' },
        { created_by: 'RUN apt' },
      ]
      const [root] = makeLayout(folder, [
        { refName: 'debian:12.5', layers: LAYERS, config: { history: steps } },
      ])
      const [one, two] = manifestOf(folder, root as Descriptor).layers
      const told = await history({ name: folder })
      expect(told).to.have.length(3)
      expect(told[0]).to.deep.equal({
        created: '',
        createdBy: 'RUN apt',
        size: two?.size,
        comment: '',
        emptyLayer: false,
      })
      expect(told[1]).to.deep.include({ createdBy: 'ENV A=b', size: 0, emptyLayer: true })
      expect(told[1]?.comment).not.to.contain('\u001b')
      expect(told[2]).to.deep.include({ created: CREATED, createdBy: 'ADD rootfs', size: one?.size })
    })

    it('shows layers that the history does not tell of', async () => {
      const [root] = makeLayout(folder, [{ refName: 'a:1', layers: LAYERS, config: { history: [] } }])
      const [one, two] = manifestOf(folder, root as Descriptor).layers
      expect((await history({ name: folder })).map((step) => step.size)).to.deep.equal([two?.size, one?.size])
    })

    it('means latest by a bare name', async () => {
      makeLayout(folder, [
        { refName: 'a:1.0', layers: LAYERS.slice(0, 1) },
        { refName: 'a:2.0', layers: LAYERS },
      ])
      await install({ targets: [folder], store })
      expect(await history({ name: 'A', store })).to.have.length(2)
      expect(await history({ name: 'a:1.0', store })).to.have.length(1)
      await failure(history({ name: 'b', store }), 'NOT_INSTALLED')
    })
  })

  describe('inspect', () => {
    it('tells the same of an image in the store, in an archive and in a layout', async () => {
      const [root] = makeLayout(folder, [{ refName: 'debian:12.5', layers: LAYERS }]) as [Descriptor]
      const archive = path.join(temporary.folder(), 'debian.tar')
      await save({ names: [folder], path: archive })
      await install({ targets: [archive], store })
      const [installed] = await inspectImages({ names: ['debian:12.5'], store })
      const { config, layers } = manifestOf(folder, root)
      expect(installed).to.deep.include({
        name: 'debian:12.5',
        tags: ['debian:12.5'],
        digest: root.digest,
        id: config.digest,
        platform: 'linux/amd64',
        created: CREATED,
        size: root.size + config.size + layers.reduce((sum, layer) => sum + layer.size, 0),
      })
      for (const place of [archive, folder]) {
        const [there] = await inspectImages({ names: [place] })
        expect(there).to.deep.include({ digest: root.digest, id: config.digest })
        expect(there?.manifest).to.deep.equal(installed?.manifest)
        expect(there?.config).to.deep.equal(installed?.config)
      }
    })

    it('lists all tags of an image that a name means', async () => {
      makeLayout(folder, [{ refName: 'debian:12.5', layers: LAYERS }])
      await install({ targets: [folder], store })
      const [image] = await inspectImages({ names: ['debian'], store })
      expect(image?.tags).to.deep.equal(['debian:12.5', 'debian:latest'])
    })

    it('tells of the platform that is asked for', async () => {
      const [amd64, arm64] = makeLayout(folder, [
        { platform: { os: 'linux', architecture: 'amd64' }, layers: LAYERS },
        { platform: { os: 'linux', architecture: 'arm64' }, layers: LAYERS },
      ]) as [Descriptor, Descriptor]
      const index = addIndex(folder, [amd64, arm64])
      writeIndex(folder, [{ ...index, annotations: { [ANNOTATIONS.refName]: 'debian:12.5' } }])
      const [image] = await inspectImages({ names: [folder], platform: 'linux/arm64' })
      expect(image).to.deep.include({ platform: 'linux/arm64', digest: index.digest })
      expect(image?.id).to.equal(manifestOf(folder, arm64).config.digest)
      await failure(inspectImages({ names: [folder], platform: 'linux/s390x' }), 'PLATFORM_NOT_FOUND')
    })

    it('believes no document that has another digest than its name', async () => {
      const [root] = makeLayout(folder, [{ refName: 'debian:12.5', layers: LAYERS }]) as [Descriptor]
      const { config } = manifestOf(folder, root)
      const file = path.join(folder, blobPath(config.digest))
      writeFileSync(file, readFileSync(file, 'utf8').replace('amd64', 'arm64'))
      await failure(inspectImages({ names: [folder] }), 'DIGEST_MISMATCH')
      expect(readIndex(folder)).to.have.length(1)
    })
  })
})
