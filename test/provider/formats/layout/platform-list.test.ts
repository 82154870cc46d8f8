import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { digestOf } from '../../../../manifests/index.js'
import { find, get, install, save, verify } from '../../../../provider/index.js'
import { folderAndStore } from '../../../fixtures/folder-and-store.js'
import {
  AMD64,
  ARM64,
  blobFile,
  imageOf,
  layout,
  manifestsIn,
  packed,
  S390X,
} from '../../../fixtures/indexed-layouts.js'
import { inspectImages } from '../../../fixtures/inspect-images.js'
import { readIndex, writeIndex } from '../../../fixtures/layout.js'

const RISCV = { os: 'linux', architecture: 'riscv64' }

describe('a layout whose index is the platforms of one image', () => {
  const at = folderAndStore()

  it('is one image, whose root is the index itself', async () => {
    const made = layout(at.folder, [imageOf(AMD64), imageOf(ARM64)])
    const digest = digestOf(readFileSync(path.join(made, 'index.json')))
    for (const place of [made, packed(made)]) {
      expect((await inspectImages({ names: [place] })).map((image) => image.digest)).to.deep.equal([digest])
      const { images } = await find({ source: place, allVersions: true })
      expect(images.map((image) => image.digest)).to.deep.equal([digest])
      expect((await verify({ paths: [place] })).problems).to.deep.equal([])
    }
    const { images } = await install({ targets: [packed(made)], store: at.store })
    expect(images.map((image) => image.digest)).to.deep.equal([digest])
    expect((await get({ store: at.store })).map(({ name }) => name)).to.deep.equal(['layout'])
    expect((await verify({ store: at.store })).problems).to.deep.equal([])
  })

  it('gives the platform that is asked for', async () => {
    const archive = packed(layout(at.folder, [imageOf(AMD64), imageOf(S390X), imageOf(RISCV)]))
    const { images } = await install({ targets: [archive], store: at.store, platform: 'linux/riscv64' })
    expect(images.map(({ platform }) => platform)).to.deep.equal(['linux/riscv64'])
    const target = path.join(at.folder, 'saved.tar')
    await save({ names: [archive], path: target, platform: 'linux/s390x', format: 'docker-archive' })
    expect((await inspectImages({ names: [target] })).map(({ platform }) => platform)).to.deep.equal([
      'linux/s390x',
    ])
  })

  it('may be there in part', async () => {
    const made = layout(at.folder, [imageOf(AMD64), imageOf(RISCV)])
    const [lost] = manifestsIn(made)
    if (lost) rmSync(blobFile(made, lost.entry))
    const { ok, notes } = await verify({ paths: [packed(made)] })
    expect(ok).to.equal(true)
    expect(notes?.join()).to.contain('linux/amd64')
    const { images } = await install({ targets: [packed(made)], store: at.store })
    expect(images.map(({ platform }) => platform)).to.deep.equal(['linux/riscv64'])
  })

  it('is several images where two are for one platform, or one has a name or says no platform', async () => {
    const twice = layout(path.join(at.folder, 'twice'), [
      imageOf(AMD64),
      { ...imageOf(AMD64), config: { author: 'another' } },
    ])
    const named = layout(path.join(at.folder, 'named'), [imageOf(AMD64, 'one:1'), imageOf(ARM64)])
    const silent = layout(path.join(at.folder, 'silent'), [imageOf(AMD64), imageOf(ARM64)])
    writeIndex(
      silent,
      readIndex(silent).map(({ platform: _, ...entry }) => entry),
    )
    for (const place of [twice, named, silent])
      expect(await inspectImages({ names: [place] }), place).to.have.length(2)
  })
})
