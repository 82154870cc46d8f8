import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { digestOf, formatPlatform } from '../../../../manifests/index.js'
import { find, inspect, install, save, verify } from '../../../../provider/index.js'
import { AMD64, ARM64, indexed, S390X } from '../../../fixtures/indexed-layouts.js'
import { tarOf } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'

describe('names in archives that say little of them', () => {
  const temporary = scratch()
  after(() => temporary.remove())

  const LAYER = tarOf({ 'etc/a': 'a' })
  const CONFIG = JSON.stringify({
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: [digestOf(LAYER)] },
  })
  const archive = (image: Record<string, unknown>): string => {
    const file = path.join(temporary.folder(), 'file.tar')
    const members = { 'config.json': CONFIG, 'layer.tar': LAYER, 'manifest.json': JSON.stringify([image]) }
    writeFileSync(file, tarOf(members))
    return file
  }
  const tags = async (file: string): Promise<string[] | undefined> => {
    const store = path.join(temporary.folder(), 'store')
    expect((await verify({ paths: [file] })).problems).to.deep.equal([])
    return (await install({ targets: [file], store })).images[0]?.tags
  }

  for (const [name, expected] of [
    ['busybox', 'busybox:latest'],
    ['bitnami/redis', 'bitnami/redis:latest'],
    ['registry.site:5000/base', 'registry.site:5000/base:latest'],
    ['registry.site:5000/base:1', 'registry.site:5000/base:1'],
  ] as const)
    it(`are repositories where they have no tag, and never tags of the file: ${name}`, async () => {
      const found = await tags(archive({ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }))
      expect(found?.[0]).to.equal(expected)
    })

  it('are read from a manifest.json in lower case, as old versions of Jib wrote it', async () => {
    const file = archive({ config: 'config.json', repoTags: ['demo:1.0'], layers: ['layer.tar'] })
    expect(await tags(file)).to.deep.equal(['demo:1.0', 'demo:latest'])
  })

  it('are not made up for the tarball of a root filesystem: it is shown by its digest', async () => {
    const file = path.join(temporary.folder(), 'rootfs.tar')
    writeFileSync(file, tarOf({ 'bin/sh': '#!', 'etc/passwd': 'root:x:0:0::/:/bin/sh', 'usr/lib/x': 'x' }))
    const [image] = await inspect({ names: [file], store: path.join(temporary.folder(), 'store') })
    expect(image).to.have.property('digest')
    expect(image && 'digest' in image && [image.name, image.tags]).to.deep.equal([
      (image as { digest: string }).digest,
      [],
    ])
  })

  it('are told as empty where they are, by whoever reads the archive', async () => {
    const file = archive({ Config: 'config.json', RepoTags: [''], Layers: ['layer.tar'] })
    const store = path.join(temporary.folder(), 'store')
    for (const work of [() => install({ targets: [file], store }), () => find({ source: file })])
      expect((await failure(work(), 'UNSAFE_NAME')).found).to.equal('an empty name')
  })
})

describe('a docker archive of an index', () => {
  const temporary = scratch()
  after(() => temporary.remove())

  for (const [what, there, written] of [
    ['this machine', [AMD64, ARM64, S390X], AMD64],
    ['other machines', [S390X, { os: 'linux', architecture: 'riscv64' }], S390X],
  ] as const)
    it(`has one image, and says of which machine, and which it leaves out: ${what}`, async function () {
      if (process.arch !== 'x64') this.skip()
      const folder = temporary.folder()
      const notes: string[] = []
      await save({
        names: [indexed(folder, [...there])],
        path: path.join(folder, 'saved.tar'),
        format: 'docker-archive',
        allPlatforms: true,
        onProgress: (event) => void (event.type === 'note' && notes.push(event.message)),
      })
      const others = there.filter((one) => one !== written).map(formatPlatform)
      expect(notes).to.have.length(1)
      expect(notes[0]).to.contain(
        `multi 1.0: ${formatPlatform(written)} alone is written, and not ${others.join(', ')}`,
      )
    })

  it('says nothing of an index with one image', async () => {
    const folder = temporary.folder()
    const notes: string[] = []
    await save({
      names: [indexed(folder, [S390X])],
      path: path.join(folder, 'saved.tar'),
      format: 'docker-archive',
      onProgress: (event) => void (event.type === 'note' && notes.push(event.message)),
    })
    expect(notes).to.deep.equal([])
  })
})
