import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { expect } from 'chai'
import { openEngine } from '../../../provider/engine/open-engine.js'
import { get, install, load, verify } from '../../../provider/index.js'
import { addRunnable } from '../../fixtures/cat-image.js'
import { countingProxy } from '../../peers/counting-proxy.js'
import { describeWithPeers } from '../../peers/peers.js'
import { TestPodman } from '../../peers/podman.js'
import { scratch } from '../../scratch.js'
import { failure } from '../verbs/failure.js'

describeWithPeers(['podman'], 'podman, when something goes wrong', () => {
  const temporary = scratch()
  const before_ = process.env.CONTAINERS_STORAGE_CONF
  let podman: TestPodman
  let folder: string
  let store: string

  const use = (one: TestPodman): void => {
    process.env.CONTAINERS_STORAGE_CONF = one.environment.CONTAINERS_STORAGE_CONF
  }

  before(async () => {
    folder = temporary.folder()
    store = path.join(folder, 'store')
    const layout = path.join(folder, 'layout')
    mkdirSync(layout)
    addRunnable(layout, { name: 'debian', version: '12.5', noise: randomBytes(20_000_000) })
    await install({ targets: [layout], store })
    podman = new TestPodman()
    use(podman)
    await podman.serve()
  })

  after(async () => {
    if (before_ === undefined) delete process.env.CONTAINERS_STORAGE_CONF
    else process.env.CONTAINERS_STORAGE_CONF = before_
    await podman?.stop()
    temporary.remove()
  })

  const loading = (engineAddress?: string, more: { signal?: AbortSignal } = {}) =>
    load({
      names: ['debian'],
      engine: 'podman',
      store,
      ...more,
      ...(engineAddress === undefined ? {} : { engineAddress }),
    })
  const names = (): string => podman.podman('images', '--format', '{{.Repository}}:{{.Tag}}').trim()

  it('says that there is no socket', async () => {
    const error = await failure(loading(path.join(folder, 'none.sock')), 'ENGINE_UNREACHABLE')
    expect(error).to.include({ found: 'no such file', side: 'destination' })
  })

  it('says that what listens there is no podman', async () => {
    const address = path.join(folder, 'rubbish.sock')
    const server = createServer((_request, response) => response.end('what is it?'))
    await new Promise<void>((resolve) => server.listen(address, resolve))
    const error = await failure(loading(address), 'ENGINE_REFUSED')
    server.close()
    expect(error.message).to.contain('invalid character')
  })

  it('says that the program answers something that makes no sense', async () => {
    const program = path.join(folder, 'no-podman')
    writeFileSync(program, '#!/bin/sh\necho "what is it?"\n')
    chmodSync(program, 0o755)
    const environment = { ...process.env, CONTAINERIMAGE_PODMAN: program }
    const error = await failure(openEngine('podman', { environment }), 'ENGINE_REFUSED')
    expect(error).to.include({ expected: 'JSON, from podman info --format json', found: 'what is it?\n' })
  })

  it('says that there is no podman', async () => {
    const error = await failure(openEngine('podman', { environment: { PATH: folder } }), 'ENGINE_UNREACHABLE')
    expect(error.remedy).to.contain('CONTAINERIMAGE_PODMAN')
  })

  it('leaves podman and the store whole when it is stopped in the middle', async () => {
    const proxy = await countingProxy(path.join(folder, 'stopped.sock'), podman.socket)
    const stop = new AbortController()
    proxy.onBytes = (sent) => void (sent > 5_000_000 && stop.abort())
    await failure(loading(proxy.path, { signal: stop.signal }), 'INTERRUPTED')
    await proxy.close()
    expect(names()).to.be.oneOf(['', '<none>:<none>'])
    podman.podman('rmi', '--all', '--force')
    expect((await verify({ store })).problems).to.deep.equal([])
  })

  it('says that the service ended in the middle, and completes when it runs again', async () => {
    const proxy = await countingProxy(path.join(folder, 'killed.sock'), podman.socket)
    let killed: Promise<void> | undefined
    proxy.onBytes = (sent) => {
      if (sent > 5_000_000) killed ??= podman.kill()
    }
    const error = await failure(loading(proxy.path), 'ENGINE_UNREACHABLE')
    await proxy.close()
    expect(killed).not.to.equal(undefined)
    await killed
    expect(error.remedy).to.contain('run the same command again')
    expect((await failure(loading(podman.socket), 'ENGINE_UNREACHABLE')).message).to.contain('does not run')
    await podman.serve()
    await loading(podman.socket)
    expect(names()).to.contain('docker.io/library/debian:latest')
    podman.podman('rmi', '--all', '--force')
  })

  it('completes after a podman by itself was killed in the middle', async () => {
    const program = path.join(folder, 'killed-podman')
    writeFileSync(
      program,
      '#!/bin/sh\n[ "$1" = pull ] && exec timeout -s KILL 0.15 podman "$@"\nexec podman "$@"\n',
    )
    chmodSync(program, 0o755)
    process.env.CONTAINERIMAGE_PODMAN = program
    try {
      await failure(loading(), 'ENGINE_REFUSED')
    } finally {
      delete process.env.CONTAINERIMAGE_PODMAN
    }
    expect(names()).to.equal('')
    await loading()
    const [image] = await get({ engine: 'podman', names: ['debian:latest'] })
    expect(image?.tag).to.equal('latest')
  })

  it('says that its disk is full', async function () {
    const disk = path.join(folder, 'disk')
    mkdirSync(disk)
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', disk]).status !== 0) return this.skip()
    const small = new TestPodman(path.join(disk, 'root'))
    use(small)
    try {
      const error = await failure(loading(), 'NO_SPACE')
      expect(error.message).to.contain('has no space left')
      expect(readdirSync(disk)).to.contain('root')
    } finally {
      use(podman)
      await small.stop()
      spawnSync('umount', ['-l', disk])
    }
  })
})
