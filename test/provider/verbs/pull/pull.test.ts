import path from 'node:path'
import { expect } from 'chai'
import { get, install, pull } from '../../../../provider/index.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { type DockerRegistry, startDockerRegistry } from '../../../peers/docker-registry.js'
import { describeWithPeers } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { makeSmallImage, push } from '../../registry/small-image.js'

describeWithPeers(['docker-registry', 'skopeo'], 'pull', () => {
  const temporary = scratch()
  let registry: DockerRegistry
  let store: string

  before(async () => {
    registry = await startDockerRegistry()
    const image = makeSmallImage(temporary.folder())
    for (const name of ['base/debian:12', 'base/debian:13', 'base/debian:latest'])
      push(image, `${registry.host}/${name}`)
  })
  after(async () => {
    await registry.stop()
    temporary.remove()
  })
  beforeEach(() => {
    store = path.join(temporary.folder(), 'store')
  })

  const tags = async () => (await get({ store })).map(({ tag }) => tag).sort()

  it('gives no latest to what was asked for by another tag', async () => {
    for (const tag of ['12', '13']) await pull({ references: [`${registry.host}/base/debian:${tag}`], store })
    expect(await tags()).to.deep.equal(['12', '13'])
  })

  it('leaves the latest that the store has where it is', async () => {
    const folder = path.join(temporary.folder(), 'layout')
    makeLayout(folder, [{ refName: 'base/debian:1', layers: [{ files: { a: 'older' } }] }])
    await install({ targets: [folder], store })
    const latest = async () => (await get({ store })).find(({ tag }) => tag === 'latest')?.digest
    const before = await latest()
    expect(before).to.match(/^sha256:/)
    await pull({ references: [`${registry.host}/base/debian:13`], store })
    expect(await latest()).to.equal(before)
  })

  it('gives it where it was asked for, by name or by no tag', async () => {
    await pull({ references: [`${registry.host}/base/debian`], store })
    expect(await tags()).to.deep.equal(['latest'])
  })
})
