import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { copy } from '../../../../provider/copy/copy.js'
import { planCopy } from '../../../../provider/copy/plan.js'
import { openEngine } from '../../../../provider/engine/open-engine.js'
import { install, type LoadRequest, load } from '../../../../provider/index.js'
import { countingProxy } from '../../../fixtures/counting-proxy.js'
import { addVersion, type Base, makeBase } from '../../../fixtures/engine-images.js'
import { openLayout } from '../../../fixtures/sample.js'
import { type Docker, startDocker } from '../../../peers/engines.js'
import { describeWithPeers } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { expectError, failure, temporaryFiles } from '../../conformance.js'

describeWithPeers(['docker', 'dockerd'], 'docker that fails in the middle', () => {
  const temporary = scratch()
  let engine: Docker
  let folder: string
  let store: string
  let base: Base
  const request = (engineAddress: string): LoadRequest => ({
    names: ['hello:1.0'],
    store,
    engine: 'docker',
    engineAddress,
  })

  before(async () => {
    folder = temporary.folder()
    store = path.join(folder, 'store')
    base = makeBase()
    for (const version of ['1.0', '2.0']) {
      mkdirSync(path.join(folder, version))
      addVersion(path.join(folder, version), base, version)
    }
    await install({ targets: [path.join(folder, '1.0')], store })
    engine = await startDocker()
  })

  after(async () => {
    await engine?.stop()
    temporary.remove()
  })

  const names = () => engine.docker('images', '-a', '--format', '{{.Repository}}:{{.Tag}}').trim()
  const empty = () => {
    for (const id of engine.docker('images', '-aq').trim().split('\n').filter(Boolean))
      engine.docker('rmi', '-f', id)
  }

  async function expectComplete(): Promise<void> {
    await load(request(engine.socket))
    expect(names()).to.equal('hello:1.0')
    expect(engine.docker('run', '--rm', '--network', 'none', 'hello:1.0')).to.equal('Hello from inside.\n')
    expect(readdirSync(path.join(store, 'ingest'), { recursive: true })).to.deep.equal([])
  }

  it('stops where the user stops it, and is completed by the next run', async () => {
    const stop = new AbortController()
    const stopped = load({
      ...request(engine.socket),
      signal: stop.signal,
      onProgress: (event) => event.type === 'bytes' && event.kind === 'copied' && stop.abort(),
    })
    expectError(await failure(() => stopped), 'INTERRUPTED')
    expect(names()).to.not.contain('hello')
    await expectComplete()
  })

  it('is told when the daemon is killed, and completed by the next run', async () => {
    empty()
    const address = path.join(folder, 'killing.sock')
    const proxy = await countingProxy(address, engine.socket)
    let killed: Promise<void> | undefined
    proxy.onSent = (sent) => {
      if (sent > 7_000_000) killed ??= engine.kill()
    }
    const error = await failure(() => load(request(address)))
    await killed
    await proxy.close()
    expectError(error, 'ENGINE_UNREACHABLE', 'destination')
    expect(error.message).to.contain('ended in the middle')
    await engine.start()
    expect(names()).to.not.contain('hello')
    await expectComplete()
  })

  it('sends what was removed after it was looked for', async () => {
    empty()
    await load(request(engine.socket))
    const source = await openLayout(path.join(folder, '2.0'))
    const [image] = await source.images()
    if (!image) throw new Error('no image')
    const plan = await planCopy(source, [
      {
        root: image.root,
        names: [{ repository: 'hello', tag: '2.0' }],
        platform: { os: 'linux', architecture: 'amd64' },
        annotations: {},
      },
    ])
    const docker = await openEngine('docker', { address: engine.socket })
    const sink = docker.sink()
    const begin = sink.begin?.bind(sink)
    sink.begin = async (...all) => {
      await begin?.(...all)
      engine.docker('rmi', '-f', 'hello:1.0')
    }
    await copy(source, plan, sink, { task: 'test' })
    await docker.close()
    await source.close()
    expect(sink.sentBytes).to.be.greaterThan(10_000_000)
    expect(names()).to.equal('hello:2.0')
    expect(engine.docker('run', '--rm', '--network', 'none', 'hello:2.0')).to.equal('Hello from inside.\n')
  })

  it('says that the disk of the engine is full, and leaves no name', async () => {
    const small = path.join(folder, 'small')
    mkdirSync(small)
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', small]).status).to.equal(0)
    const full = await startDocker({ dataRoot: small })
    try {
      const error = await failure(() => load(request(full.socket)))
      expectError(error, 'NO_SPACE', 'destination')
      expect(full.docker('images', '-a', '--format', '{{.Repository}}')).to.not.contain('hello')
    } finally {
      await full.stop()
      spawnSync('umount', ['-l', small])
    }
    expect(temporaryFiles(store)).to.deep.equal([])
  })
})
