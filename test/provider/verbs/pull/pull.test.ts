import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { get, install, pull } from '../../../../provider/index.js'
import { run } from '../../../cli/command/run.js'
import { makeLayout, readIndex } from '../../../fixtures/layout.js'
import { type DockerRegistry, startDockerRegistry } from '../../../peers/docker-registry.js'
import { describeWithPeers } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import type { FaultyServer } from '../../registry/faulty-server.js'
import { Repository, startRepository } from '../../registry/repository.js'
import { makeSmallImage, push } from '../../registry/small-image.js'
import { failure } from '../failure.js'

describe('pull of a path', () => {
  it('tells what takes it in, whether it is there or not, and looks for nothing', async () => {
    for (const place of ['./x.tar', '../x', '/nowhere/x.tar', 'C:\\x.tar', '.']) {
      const error = await failure(pull({ references: [place] }), 'INVALID_REFERENCE')
      expect(error.message).to.include(`"${place}"`).and.not.include('latest')
      expect(error.remedy).to.include('install')
    }
  })
})

describe('pull of all tags', () => {
  const temporary = scratch()
  let server: FaultyServer
  let repository: Repository
  let store: string

  before(async () => {
    server = await startRepository(() => repository)
  })
  after(() => server.stop())
  beforeEach(() => {
    repository = new Repository()
    for (const [i, architecture] of ['amd64', 'arm64', 'arm'].entries())
      repository.image(architecture, `${i + 1}.0`)
    store = path.join(temporary.folder(), 'store')
  })
  afterEach(() => temporary.remove())

  const pulled = () => pull({ references: [`${server.host}/base/app`], allTags: true, store })
  const there = async () => (await get({ store })).map(({ tag }) => tag).sort()

  const layerOf = (tag: string): string =>
    JSON.parse(repository.manifests.get(repository.tags.get(tag) ?? '')?.bytes.toString() ?? '').layers[0]
      .digest

  it('goes on past one that names nothing, and tells at the end', async () => {
    repository.tags.set('2.0-broken', `sha256:${'c'.repeat(64)}`)
    const { failed, images } = await pulled()
    expect(failed?.map(({ name, code }) => [name, code])).to.deep.equal([
      [`${server.host}/base/app:2.0-broken`, 'NOT_FOUND'],
    ])
    expect(images).to.have.length(3)
    expect(await there()).to.deep.equal(['1.0', '2.0', '3.0'])
  })

  it('goes on past one whose blob is gone, or is another', async () => {
    repository.blobs.delete(layerOf('1.0'))
    const layer = layerOf('3.0')
    repository.blobs.set(layer, Buffer.from(repository.blobs.get(layer) ?? '').fill(1))
    const { failed } = await pulled()
    expect(failed?.map(({ code }) => code)).to.deep.equal(['NOT_FOUND', 'DIGEST_MISMATCH'])
    expect(await there()).to.deep.equal(['2.0'])
  })

  it('ends with the code of the worst, after what was pulled', async () => {
    repository.tags.set('broken', `sha256:${'c'.repeat(64)}`)
    const { code, out, err } = await run(['pull', '--all-tags', `${server.host}/base/app`, '--store', store])
    expect(code).to.equal(3)
    expect(out).to.contain('app:3.0')
    expect(err).to.contain('app:broken')
  })

  /** How many images the index of the store had, each time that it was another number. */
  const counts = async (): Promise<number[]> => {
    const found: number[] = []
    const onProgress = (): void => {
      const now = existsSync(path.join(store, 'index.json')) ? readIndex(store).length : 0
      if (now !== (found.at(-1) ?? 0)) found.push(now)
    }
    await pull({ references: [`${server.host}/base/app`], allTags: true, store, onProgress })
    const last = readIndex(store).length
    return found.at(-1) === last ? found : [...found, last]
  }

  it('writes the index of the store once', async () => {
    expect(await counts()).to.deep.equal([3])
  })

  it('writes it for a hundred, and whenever there are twice as many: a killed run keeps their names', async () => {
    for (let i = 0; i < 400; i++) repository.image('amd64', `0.${i}`)
    expect(await counts()).to.deep.equal([100, 200, 400, 403])
  })

  it('writes it a few times though one of many is bad', async () => {
    for (let i = 0; i < 60; i++) repository.image('amd64', `0.${i}`)
    repository.blobs.delete(layerOf('3.0'))
    const written = await counts()
    expect(written.at(-1)).to.equal(62)
    expect(written).to.have.length.below(20)
  })
})

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
