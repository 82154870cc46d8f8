import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { find, get, install, load, save, uninstall } from '../../../../provider/index.js'
import { countingProxy } from '../../../fixtures/counting-proxy.js'
import { addVersion, type Base, makeBase } from '../../../fixtures/engine-images.js'
import { inspectImages } from '../../../fixtures/inspect-images.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { type Docker, startDocker } from '../../../peers/engines.js'
import { describeWithPeers, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { expectError, failure } from '../../conformance.js'

describeWithPeers(['docker', 'dockerd'], 'docker as an engine', () => {
  const temporary = scratch()
  let engine: Docker
  let folder: string
  let store: string
  let base: Base
  let archive: string
  const inEngine = () => ({ store, engine: 'docker', engineAddress: engine.socket }) as const

  /** An archive of one version, as it crosses the gap. */
  async function archiveOf(version: string): Promise<string> {
    const layout = path.join(folder, `layout-${version}`)
    mkdirSync(layout)
    addVersion(layout, base, version)
    const saved = await save({ names: [layout], path: path.join(folder, `${version}.tar`), store })
    return saved.files[0]?.path ?? ''
  }

  function imagesOfEngine(): string[] {
    const format = '{{.Repository}}:{{.Tag}} {{.ID}}'
    return engine.docker('images', '-a', '--no-trunc', '--format', format).trim().split('\n').filter(Boolean)
  }

  before(async () => {
    folder = temporary.folder()
    store = path.join(folder, 'store')
    base = makeBase()
    engine = await startDocker()
    archive = await archiveOf('1.0')
  })

  after(async () => {
    await engine?.stop()
    temporary.remove()
  })

  it('is asked what it lacks for a what-if, and nothing changes', async () => {
    const { loaded } = await install({ targets: [archive], ...inEngine(), whatIf: true })
    expect(loaded?.sentBytes).to.be.greaterThan(10_000_000)
    expect(imagesOfEngine()).to.deep.equal([])
    expect(await get({ store })).to.deep.equal([])
  })

  it('gets an image out of an archive, and runs it by its version and as latest', async () => {
    const { loaded } = await install({ targets: [archive], ...inEngine() })
    expect(loaded?.images[0]?.tags).to.deep.equal([
      'docker.io/library/hello:1.0',
      'docker.io/library/hello:latest',
    ])
    expect(loaded?.sentBytes).to.be.greaterThan(10_000_000)
    expect(loaded?.reusedBytes).to.equal(0)
    for (const name of ['hello:1.0', 'hello'])
      expect(engine.docker('run', '--rm', '--network', 'none', name)).to.equal('Hello from inside.\n')
  })

  it('has no image besides: what stood for the beginning of it is taken away', () => {
    expect(imagesOfEngine()).to.have.length(2)
  })

  it('is listed as the engine lists itself', async () => {
    const rows = await get(inEngine())
    expect(rows.map((row) => `${row.repository}:${row.tag} ${row.id}`)).to.have.members(imagesOfEngine())
    const size = Number(engine.docker('image', 'inspect', '--format', '{{.Size}}', 'hello'))
    expect(rows.map((row) => row.size)).to.deep.equal([size, size])
  })

  it('is found as a source', async () => {
    const { images } = await find({ source: `docker:${engine.socket}`, store })
    expect(images.map(({ name, version }) => `${name} ${version}`)).to.deep.equal(['hello 1.0'])
  })

  it('gets only the new layer of a second version', async () => {
    await install({ targets: [await archiveOf('2.0')], store })
    const address = path.join(folder, 'counted.sock')
    const proxy = await countingProxy(address, engine.socket)
    try {
      const wanted = await load({ names: ['hello:2.0'], ...inEngine(), whatIf: true })
      expect(wanted.sentBytes).to.be.within(1, 1000)
      expect(imagesOfEngine()).to.have.length(2)
      const loaded = await load({ names: ['hello:2.0'], ...inEngine(), engineAddress: address })
      expect(loaded.sentBytes).to.equal(wanted.sentBytes)
      expect(loaded.reusedBytes).to.be.greaterThan(10_000_000)
      expect(proxy.sent).to.be.lessThan(20_000)
    } finally {
      await proxy.close()
    }
    expect(engine.docker('run', '--rm', '--network', 'none', 'hello:2.0')).to.equal('Hello from inside.\n')
  })

  it('tells which name takes another image, before and after it does, and once', async () => {
    const idOf = (name: string) => engine.docker('image', 'inspect', '--format', '{{.Id}}', name).trim()
    const move = {
      tag: 'docker.io/library/hello:latest',
      from: idOf('hello:1.0'),
      fromVersion: '1.0',
      to: idOf('hello:2.0'),
      toVersion: '2.0',
    }
    const would = await load({ names: ['hello'], ...inEngine(), whatIf: true })
    expect(would.moved).to.deep.equal([move])
    expect(idOf('hello')).to.equal(move.from)
    expect((await load({ names: ['hello'], ...inEngine() })).moved).to.deep.equal([move])
    expect(idOf('hello')).to.equal(move.to)
    expect((await load({ names: ['hello'], ...inEngine() })).moved).to.deep.equal([])
    const back = await load({ names: [archive], ...inEngine(), whatIf: true })
    expect(back.moved).to.deep.equal([
      { ...move, from: move.to, fromVersion: '2.0', to: move.from, toVersion: '1.0' },
    ])
  })

  it('does not take a delta of blocks from its file, but after an install, which puts its layers together', async () => {
    const blocks: [string, string][] = Array.from({ length: 20 }, (_, i) => [
      `usr/${i}`,
      randomBytes(20_000).toString('hex'),
    ])
    const layouts = ['1.0', '1.1'].map((version) => {
      const files = Object.fromEntries([...blocks, ['etc/version', version]])
      const layout = path.join(folder, `blocks-${version}`)
      makeLayout(layout, [{ refName: `blocks:${version}`, layers: [{ files, compression: 'gzip' }] }])
      return layout
    })
    const names = [layouts[1] ?? '']
    const base = [layouts[0] ?? '']
    const saved = await save({ names, path: path.join(folder, 'blocks.tar'), base, delta: 'blocks', store })
    const file = saved.files[0]?.path ?? ''
    await install({ targets: base, ...inEngine() })
    const error = await failure(() => load({ names: [file], ...inEngine() }))
    expectError(error, 'BASE_MISSING', 'source')
    expect(error.remedy).to.contain('`install`')
    await install({ targets: [file], ...inEngine() })
    expect(imagesOfEngine().join()).to.contain('blocks:1.1')
    engine.docker('rmi', 'blocks:1.0', 'blocks:1.1', 'blocks:latest')
  })

  it('gives an archive whose layers are those that were installed', async () => {
    const source = `docker:${engine.socket}`
    const saved = await save({ names: ['hello:1.0'], source, path: path.join(folder, 'back.tar'), store })
    const [image] = await inspectImages({ names: [saved.files[0]?.path ?? ''] })
    const [original] = await inspectImages({ names: [archive] })
    const diffIds = (one: typeof image) => (one?.config as { rootfs?: unknown } | undefined)?.rootfs
    expect(diffIds(image)).to.deep.equal(diffIds(original))
  })

  it('says what it does not have', async () => {
    const source = `docker:${engine.socket}`
    const asked = save({ names: ['hello:9.9'], source, path: path.join(folder, 'no.tar'), store })
    expectError(await failure(() => asked), 'NOT_FOUND', 'source')
  })

  it('counts a layer that other images stand on only where these go, too', async () => {
    const freed = async (more: { version?: string; allVersions?: boolean }): Promise<number> =>
      (await uninstall({ name: 'hello', ...more, ...inEngine(), whatIf: true })).freedBytes
    const whole = Number(engine.docker('image', 'inspect', '--format', '{{.Size}}', 'hello:1.0'))
    expect(await freed({ version: '1.0' })).to.be.within(1, 20_000)
    expect(await freed({ allVersions: true })).to.be.within(whole, whole + 1_000_000)
  })

  it('counts an image that goes along with the one that was committed from it', async () => {
    for (const order of [
      ['1', '2'],
      ['2', '1'],
    ]) {
      const made = path.join(folder, `committed-${order.join('')}`)
      mkdirSync(made)
      const tar = path.join(made, 'root.tar')
      writeFileSync(path.join(made, 'big'), randomBytes(300_000))
      runPeer('tar', ['-C', made, '-cf', tar, 'big'])
      engine.docker('import', tar, 'committed:1')
      const container = engine.docker('create', 'committed:1', 'x').trim()
      engine.docker('cp', path.join(made, 'big'), `${container}:/second`)
      engine.docker('commit', container, 'committed:2')
      engine.docker('rm', container)
      const request = { name: 'committed', ...inEngine() }
      if (order[0] === '1') {
        const planned = await uninstall({ ...request, allVersions: true, whatIf: true })
        const { freedBytes } = await uninstall({ ...request, allVersions: true })
        expect(freedBytes).to.be.within(600_000, 700_000).and.to.equal(planned.freedBytes)
      } else {
        let freed = 0
        for (const version of order) freed += (await uninstall({ ...request, version })).freedBytes
        expect(freed).to.be.within(600_000, 700_000)
      }
    }
  })

  it('says by which names an image stays that loses one', async () => {
    engine.docker('tag', 'hello:1.0', 'hello:other')
    engine.docker('tag', 'hello:1.0', 'quay.io/team/hello:1.0')
    const request = { name: 'hello:other', ...inEngine() }
    const planned = await uninstall({ ...request, whatIf: true })
    const { removed } = await uninstall(request)
    expect(removed.map(({ tags }) => tags)).to.deep.equal([['hello:other']])
    expect(removed[0]?.remaining).to.include.members(['hello:1.0', 'quay.io/team/hello:1.0'])
    expect(planned.removed).to.deep.equal(removed)
    const last = await uninstall({ name: 'quay.io/team/hello', version: '1.0', ...inEngine() })
    expect(last.removed[0]?.remaining).to.include('hello:1.0')
  })

  it('keeps an image that a container needs, and removes it when that is forced', async () => {
    const container = engine.docker('create', '--network', 'none', 'hello:2.0').trim()
    const before = imagesOfEngine()
    const absent = await failure(() => uninstall({ name: 'nothing:1', ...inEngine() }))
    expect(absent.code).to.equal('NOT_INSTALLED')
    expect(absent.message).to.match(/^docker .* has no image "nothing:1"/)
    expect(absent.remedy).to.equal('Look at what is there with `get`.')
    const error = await failure(() => uninstall({ name: 'hello:2.0', ...inEngine() }))
    expectError(error, 'IN_USE')
    expect(imagesOfEngine()).to.have.members(before)
    await uninstall({ name: 'hello:2.0', ...inEngine(), force: true })
    expect(imagesOfEngine().join()).to.not.contain('hello:2.0')
    engine.docker('rm', container)
  })

  it('removes an image with all its tags, and nothing for a what-if', async () => {
    const what = await uninstall({ name: 'hello', ...inEngine(), allVersions: true, whatIf: true })
    expect(what.removed.flatMap((one) => one.tags)).to.include('hello:1.0')
    expect(imagesOfEngine().join()).to.contain('hello:1.0')
    await uninstall({ name: 'hello', ...inEngine(), allVersions: true })
    expect(imagesOfEngine().join()).to.not.contain('hello')
  })
})
