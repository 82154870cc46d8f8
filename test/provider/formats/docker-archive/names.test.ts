import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { digestOf } from '../../../../manifests/index.js'
import { inspect, install, verify } from '../../../../provider/index.js'
import { tarOf } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'

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
})
