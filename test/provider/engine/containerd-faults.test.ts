import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { expect } from 'chai'
import { MEDIA_TYPES } from '../../../manifests/index.js'
import { openEngine } from '../../../provider/engine/open-engine.js'
import { install, load, verify } from '../../../provider/index.js'
import { addRunnable } from '../../fixtures/cat-image.js'
import { addLayered } from '../../fixtures/layered-image.js'
import { tarOf } from '../../fixtures/layout.js'
import { TestContainerd } from '../../peers/containerd.js'
import { countingProxy } from '../../peers/counting-proxy.js'
import { describeWithPeers } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { failure } from '../verbs/failure.js'

describeWithPeers(['containerd', 'ctr'], 'containerd, when something goes wrong', () => {
  const temporary = scratch()
  let containerd: TestContainerd
  let folder: string
  let store: string

  before(async () => {
    folder = temporary.folder()
    store = path.join(folder, 'store')
    const layout = path.join(folder, 'layout')
    mkdirSync(layout)
    addRunnable(layout, { name: 'debian', version: '12.5', noise: randomBytes(20_000_000) })
    await install({ targets: [layout], store })
    containerd = await new TestContainerd().start()
  })

  after(async () => {
    await containerd?.stop()
    temporary.remove()
  })

  const loading = (engineAddress: string, more: { signal?: AbortSignal } = {}) =>
    load({ names: ['debian'], engine: 'containerd', engineAddress, store, ...more })
  const runs = (id: string): void =>
    expect(containerd.ctr('run', '--rm', 'docker.io/library/debian:latest', id)).to.contain(
      'ID=debian',
    ) as never

  it('says that there is no socket', async () => {
    const error = await failure(loading(path.join(folder, 'none.sock')), 'ENGINE_UNREACHABLE')
    expect(error).to.include({ found: 'no such file', side: 'destination' })
    expect(error.remedy).to.contain('`engineAddress`')
  })

  it('says that nobody listens on a socket that was left', async () => {
    const stale = path.join(folder, 'stale.sock')
    spawnSync(process.execPath, [
      '-e',
      `require('node:net').createServer().listen(${JSON.stringify(stale)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ])
    const error = await failure(loading(stale), 'ENGINE_UNREACHABLE')
    expect(error.message).to.contain('does not run')
  })

  it('says that the socket is not to be used by this user', async function () {
    if (process.getuid?.() !== 0) return this.skip()
    const program = `import('${new URL('../../../provider/engine/client/socket.js', import.meta.url)}').then(
      ({ reachSocket }) => reachSocket('containerd', process.argv[1])).catch((error) => console.log(error.code, error.remedy))`
    const said = execFileSync(process.execPath, ['-e', program, containerd.address], {
      uid: 65534,
      gid: 65534,
    })
    expect(said.toString()).to.match(/^ENGINE_UNREACHABLE Run the command as root/)
  })

  it('says that what listens there is no containerd', async () => {
    const address = path.join(folder, 'rubbish.sock')
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.end('HTTP/1.1 418 I am a teapot\r\n\r\n')
    })
    await new Promise<void>((resolve) => server.listen(address, resolve))
    const error = await failure(loading(address), 'ENGINE_UNREACHABLE')
    server.close()
    expect(error.found).to.be.a('string').and.not.equal('')
  })

  it('says that the client answers something that makes no sense', async () => {
    const program = path.join(folder, 'no-ctr')
    writeFileSync(program, '#!/bin/sh\necho "what is it?"\n')
    chmodSync(program, 0o755)
    const environment = { ...process.env, CONTAINERIMAGE_CTR: program }
    const error = await failure(
      openEngine('containerd', { address: containerd.address, environment }),
      'ENGINE_REFUSED',
    )
    expect(error).to.include({ expected: 'the version of the server', found: 'what is it?\n' })
  })

  it('says that there is no client', async () => {
    const environment = { PATH: folder }
    const error = await failure(
      openEngine('containerd', { address: containerd.address, environment }),
      'ENGINE_UNREACHABLE',
    )
    expect(error.remedy).to.contain('CONTAINERIMAGE_CTR')
  })

  it('says which foreign layer is absent', async () => {
    const layout = path.join(folder, 'layout-foreign')
    addLayered(layout, {
      name: 'foreign',
      version: '1.0',
      layers: [
        {
          tar: tarOf({ a: 'a' }),
          form: 'gzip',
          mediaType: MEDIA_TYPES.dockerForeignLayerGzip,
          leftOut: true,
        },
      ],
    })
    const foreign = path.join(folder, 'store-foreign')
    await install({ targets: [layout], store: foreign, noForeign: true })
    const engine = { engine: 'containerd', engineAddress: containerd.address } as const
    const error = await failure(load({ names: ['foreign'], ...engine, store: foreign }), 'BLOB_MISSING')
    expect(error.side).to.equal('source')
    expect(containerd.ctr('images', 'ls', '-q')).not.to.contain('foreign')
  })

  it('leaves the engine and the store whole when it is stopped in the middle', async () => {
    const proxy = await countingProxy(path.join(folder, 'stopped.sock'), containerd.address)
    const stop = new AbortController()
    proxy.onBytes = (sent) => void (sent > 5_000_000 && stop.abort())
    await failure(loading(proxy.path, { signal: stop.signal }), 'INTERRUPTED')
    await proxy.close()
    expect(containerd.ctr('images', 'ls', '-q').trim()).to.equal('')
    expect(containerd.ctr('leases', 'ls', '-q').trim()).to.equal('')
    expect((await verify({ store })).problems).to.deep.equal([])
  })

  it('says that the engine ended in the middle, and completes when it runs again', async () => {
    const proxy = await countingProxy(path.join(folder, 'killed.sock'), containerd.address)
    let killed: Promise<void> | undefined
    proxy.onBytes = (sent) => {
      if (sent > 5_000_000) killed ??= containerd.kill()
    }
    const error = await failure(loading(proxy.path), 'ENGINE_UNREACHABLE')
    await killed
    await proxy.close()
    expect(killed).not.to.equal(undefined)
    expect(error.remedy).to.contain('run the same command again')
    expect((await failure(loading(containerd.address), 'ENGINE_UNREACHABLE')).message).to.contain(
      'does not run',
    )
    await containerd.start()
    await loading(containerd.address)
    runs('after-kill')
  })

  it('says that the engine’s disk is full', async function () {
    const disk = path.join(folder, 'disk')
    mkdirSync(disk)
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', disk]).status !== 0) return this.skip()
    const small = await new TestContainerd(path.join(disk, 'root')).start()
    try {
      const error = await failure(loading(small.address), 'NO_SPACE')
      expect(error.message).to.contain('has no space left')
      expect(small.ctr('images', 'ls', '-q').trim()).to.equal('')
    } finally {
      await small.stop()
      spawnSync('umount', ['-l', disk])
    }
  })
})
