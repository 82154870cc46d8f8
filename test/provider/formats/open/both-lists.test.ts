import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ANNOTATIONS, blobPath, type Descriptor } from '../../../../manifests/index.js'
import { get, install, save, verify } from '../../../../provider/index.js'
import { dockerArchive } from '../../../fixtures/docker-archives.js'
import { folderAndStore } from '../../../fixtures/folder-and-store.js'
import { AMD64, imageOf, layout, manifestsIn, packed } from '../../../fixtures/indexed-layouts.js'
import { inspectImages } from '../../../fixtures/inspect-images.js'
import { type MadeImage, writeIndex } from '../../../fixtures/layout.js'
import { failure } from '../../verbs/failure.js'

describe("a layout with docker's list beside its own", () => {
  const at = folderAndStore()

  /** The names in the store after an install. */
  async function names(archive: string): Promise<string[]> {
    await install({ targets: [archive], store: at.store })
    return (await get({ store: at.store })).map(({ repository, tag }) => `${repository}:${tag}`).sort()
  }

  const BOTH = ['app:2', 'app:latest', 'base:1.0', 'base:latest']

  it('has the images of both lists, each with the id that docker gives it', async () => {
    const archive = dockerArchive(at.folder, { index: 'first' })
    const configs = manifestsIn(path.join(at.folder, 'layout')).map(({ manifest }) => manifest.config.digest)
    expect(await names(archive)).to.deep.equal(BOTH)
    expect((await get({ store: at.store })).map(({ id }) => id)).to.include.members(configs)
    expect((await verify({ store: at.store })).problems).to.deep.equal([])
  })

  it('has those of the one where the other is null, or names images that have lost their layers', async () => {
    expect(await names(dockerArchive(at.folder, { index: 'null' }))).to.deep.equal(BOTH)
    const empty = dockerArchive(path.join(at.folder, 'empty'), { index: 'empty' })
    expect((await inspectImages({ names: [empty] })).map(({ tags }) => tags.join())).to.deep.equal([
      'docker.io/library/base:1.0',
      'docker.io/library/app:2',
    ])
    expect((await verify({ paths: [empty] })).problems).to.deep.equal([])
  })

  it('has an image once that both have', async () => {
    const archive = dockerArchive(at.folder, { index: 'all' })
    expect(await inspectImages({ names: [archive] })).to.have.length(2)
    expect((await verify({ paths: [archive] })).blobs).to.equal(6)
    expect(await names(archive)).to.deep.equal(BOTH)
  })

  it('has an image under its name alone that is there once more without one', async () => {
    const archive = dockerArchive(at.folder, { index: 'all', again: true })
    expect(await names(archive)).to.deep.equal(BOTH)
    expect((await verify({ paths: [archive] })).problems).to.deep.equal([])
    at.store = path.join(at.folder, 'older')
    expect(
      await names(dockerArchive(path.join(at.folder, 'a'), { index: 'none', again: true })),
    ).to.deep.equal(BOTH)
    const unnamed = layout(path.join(at.folder, 'b'), [imageOf(AMD64)])
    const [root] = manifestsIn(unnamed).map(({ entry }) => entry)
    const entry = { ...(root as Descriptor), annotations: { [ANNOTATIONS.refName]: 'base:1.0' } }
    writeIndex(unnamed, [root as Descriptor, entry])
    at.store = path.join(at.folder, 'plain')
    expect(await names(packed(unnamed))).to.deep.equal(['base:1.0', 'base:latest'])
  })

  it('has an image that no list names, and keeps the names of the other', async () => {
    const archive = dockerArchive(at.folder, { index: 'null', names: ['base:1.0'] })
    const { images } = await install({ targets: [archive], store: at.store })
    expect(images).to.have.length(2)
    expect((await get({ store: at.store })).map(({ tag }) => tag)).to.include('1.0')
  })

  it("has the names that docker's list alone has", async () => {
    const made = path.join(at.folder, 'layout')
    dockerArchive(at.folder, { index: 'all' })
    const list = JSON.parse(readFileSync(path.join(made, 'manifest.json'), 'utf8'))
    list[1].RepoTags.push('registry.site:5000/app:2', 'docker.io/library/app:2')
    writeFileSync(path.join(made, 'manifest.json'), JSON.stringify(list))
    expect(await names(packed(made))).to.deep.equal([
      ...BOTH,
      'registry.site:5000/app:2',
      'registry.site:5000/app:latest',
    ])
  })

  it('takes the whole name for the tag alone', async () => {
    const made = path.join(at.folder, 'layout')
    dockerArchive(at.folder, { index: 'all' })
    const roots = manifestsIn(made).map(({ entry }) => ({
      ...entry,
      annotations: { [ANNOTATIONS.refName]: entry.annotations?.[ANNOTATIONS.refName] ?? '' },
    }))
    writeIndex(made, roots)
    expect(await names(packed(made))).to.deep.equal(BOTH)
  })

  it('is refused where the lists mean two images by one name, before anything is written', async () => {
    const archive = dockerArchive(at.folder, { index: 'other' })
    const error = await failure(install({ targets: [archive], store: at.store }), 'AMBIGUOUS_NAME')
    expect(error.message).to.match(/^Two images would be called (base:1\.0|app:2)/)
    expect((await verify({ paths: [archive] })).problems.map(({ code }) => code)).to.deep.equal([
      'AMBIGUOUS_NAME',
    ])
    expect(await get({ store: at.store })).to.deep.equal([])
  })

  it('reads layers that are compressed by their digests, and checks what is in them', async () => {
    const image: MadeImage = { layers: [{ files: { a: 5000 } }, { files: { b: 'b' } }] }
    const made = layout(at.folder, [image])
    const [one] = manifestsIn(made)
    const list = {
      Config: blobPath(one?.manifest.config.digest ?? 'sha256:0'),
      RepoTags: ['zipped:1'],
      Layers: one?.manifest.layers.map(({ digest }) => blobPath(digest)),
    }
    writeFileSync(path.join(made, 'manifest.json'), JSON.stringify([list]))
    writeIndex(made, [])
    expect(await names(packed(made))).to.deep.equal(['zipped:1', 'zipped:latest'])
    const [layer] = one?.manifest.layers ?? []
    const file = path.join(made, blobPath(layer?.digest ?? 'sha256:0'))
    const bytes = readFileSync(file)
    bytes[bytes.length - 2] = (bytes[bytes.length - 2] ?? 0) ^ 1
    writeFileSync(file, bytes)
    expect((await verify({ paths: [packed(made)] })).problems).to.have.length(1)
  })

  it('does not take another file of that name for a list', async () => {
    const made = layout(at.folder, [imageOf(AMD64, 'base:1.0')])
    for (const text of ['{"name":"an app of the web"}', 'not even JSON']) {
      writeFileSync(path.join(made, 'manifest.json'), text)
      expect(await inspectImages({ names: [made] })).to.have.length(1)
      expect((await verify({ paths: [made] })).problems).to.deep.equal([])
    }
    writeFileSync(path.join(made, 'manifest.json'), '[{"Layers":7}]')
    await failure(install({ targets: [made], store: at.store }), 'INVALID_DOCUMENT')
    expect((await verify({ paths: [made] })).ok).to.equal(false)
  })

  it('leaves alone what we have saved ourselves', async () => {
    const archive = path.join(at.folder, 'ours.tar')
    await save({ names: [dockerArchive(at.folder, { index: 'all' })], path: archive })
    expect(await names(archive)).to.deep.equal(BOTH)
    expect(await inspectImages({ names: [archive] })).to.have.length(2)
  })
})
