import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ANNOTATIONS, type Descriptor, MEDIA_TYPES } from '../../../manifests/index.js'
import { get, install, load, save, uninstall } from '../../../provider/index.js'
import { addRunnable } from '../../fixtures/cat-image.js'
import { addIndex, readIndex, writeIndex } from '../../fixtures/layout.js'
import { TestContainerd } from '../../peers/containerd.js'
import { countingProxy } from '../../peers/counting-proxy.js'
import { describeWithPeers } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { failure } from '../verbs/failure.js'

const NOISE = randomBytes(8_000_000)

describeWithPeers(['containerd', 'ctr'], 'containerd as an engine', function () {
  this.timeout(60_000)
  const temporary = scratch()
  let containerd: TestContainerd
  let folder: string
  let store: string
  let engine: { engine: 'containerd'; engineAddress: string; store: string }
  let first: Descriptor
  let second: Descriptor

  const layoutOf = (version: string, more: { docker?: boolean } = {}): [string, Descriptor] => {
    const layout = path.join(folder, `layout-${version}`)
    mkdirSync(layout)
    return [layout, addRunnable(layout, { name: 'debian', version, noise: NOISE, ...more })]
  }
  const run = (name: string, id: string): string =>
    containerd.ctr('run', '--rm', `docker.io/library/${name}`, id, '/bin/cat', '/etc/os-release')

  before(async () => {
    folder = temporary.folder()
    store = path.join(folder, 'store')
    containerd = await new TestContainerd().start()
    engine = { engine: 'containerd', engineAddress: containerd.address, store }
  })

  after(async () => {
    await containerd?.stop()
    temporary.remove()
  })

  it('tells what it would send, and changes nothing', async () => {
    const [layout, root] = layoutOf('12.5')
    first = root
    await install({ targets: [layout], store })
    const would = await load({ names: ['debian'], ...engine, whatIf: true })
    expect(would.sentBytes).to.be.greaterThan(NOISE.length)
    expect(containerd.ctr('images', 'ls', '-q').trim()).to.equal('')
  })

  it('gets an image that it runs, under its version, latest, and its digest', async () => {
    const { loaded } = await install({ targets: [path.join(folder, 'layout-12.5')], ...engine })
    expect(loaded?.sentBytes).to.be.greaterThan(NOISE.length)
    expect(loaded?.images[0]?.tags).to.have.members([
      'docker.io/library/debian:12.5',
      'docker.io/library/debian:latest',
    ])
    for (const [i, name] of ['debian:12.5', 'debian:latest', `debian@${first.digest}`].entries())
      expect(run(name, `first-${i}`)).to.equal('ID=debian\nVERSION_ID=12.5\n')
  })

  it('is sent only the new layer of a version with the same base', async () => {
    const [layout, root] = layoutOf('12.6')
    second = root
    const proxy = await countingProxy(path.join(folder, 'proxy.sock'), containerd.address)
    const { loaded } = await install({ targets: [layout], ...engine, engineAddress: proxy.path })
    await proxy.close()
    expect(loaded?.sentBytes).to.be.greaterThan(0).and.lessThan(1000)
    expect(proxy.sent).to.be.greaterThan(0).and.lessThan(200_000)
    expect(run('debian:latest', 'second')).to.contain('VERSION_ID=12.6')
    expect(run('debian:12.5', 'still')).to.contain('VERSION_ID=12.5')
  })

  it('lists what the engine itself lists', async () => {
    const rows = await get(engine)
    const own = containerd.ctr('images', 'ls', '-q').trim().split('\n')
    expect(rows.map((row) => `docker.io/library/${row.repository}:${row.tag}`)).to.have.members(
      own.filter((name) => !name.includes('@')),
    )
    const { digest, size } = rows.find((row) => row.tag === '12.6') ?? {}
    expect(digest).to.equal(second.digest)
    const line = containerd.ctr('images', 'ls', 'name==docker.io/library/debian:12.6').split('\n')[1] ?? ''
    const mebibytes = Number(/([\d.]+) MiB/.exec(line)?.[1])
    expect((size ?? 0) / 2 ** 20).to.be.closeTo(mebibytes, 0.06)
  })

  it('sends everything again where the engine removes an image after it was asked', async () => {
    const [layout] = layoutOf('12.7')
    await install({ targets: [layout], store })
    const names = containerd.ctr('images', 'ls', '-q').trim().split('\n')
    let isRemoved = false
    const result = await load({
      names: ['debian:12.7'],
      ...engine,
      onProgress(event) {
        // The blobs are about to be sent: what the engine had is known, and goes now.
        if (event.type !== 'blob' || isRemoved) return
        isRemoved = true
        containerd.ctr('images', 'rm', '--sync', ...names)
      },
    })
    expect(isRemoved).to.equal(true)
    expect(result.sentBytes).to.be.greaterThan(NOISE.length)
    expect(run('debian:12.7', 'again')).to.contain('VERSION_ID=12.7')
    await load({ names: ['debian'], ...engine })
  })

  it('is a source of the same bytes, digest and all', async () => {
    const source = `containerd:${containerd.address}`
    const { images, files } = await save({
      names: ['debian:12.5'],
      source,
      path: path.join(folder, 'out.tar'),
    })
    expect(images[0]?.digest).to.equal(first.digest)
    expect(files).to.have.length(1)
    const error = await failure(
      save({ names: ['debian:1.0'], source, path: path.join(folder, 'no.tar') }),
      'NOT_FOUND',
    )
    expect(error.found).to.contain('docker.io/library/debian:12.5')
  })

  it('does not lose an image that a container needs, unless forced', async () => {
    containerd.ctr('containers', 'create', 'docker.io/library/debian:12.6', 'keeper')
    const error = await failure(uninstall({ name: 'debian', version: '12.6', ...engine }), 'IN_USE')
    expect(error.found).to.equal('keeper')
    expect(containerd.ctr('images', 'ls', '-q')).to.contain('debian:12.6\n')
    const { removed } = await uninstall({ name: 'debian', version: '12.6', force: true, ...engine })
    expect(removed[0]?.tags).to.include('debian:12.6')
    expect(containerd.ctr('images', 'ls', '-q')).not.to.contain('debian:12.6\n')
    containerd.ctr('containers', 'rm', 'keeper')
  })

  it('loses every name of what is uninstalled, and its content', async () => {
    await uninstall({ name: 'debian', allVersions: true, ...engine })
    expect(containerd.ctr('images', 'ls', '-q').trim()).to.equal('')
    expect(containerd.ctr('content', 'ls', '-q').trim()).to.equal('')
  })

  it('takes an index of several platforms whole, and unpacks the one that it runs', async () => {
    const layout = path.join(folder, 'layout-multi')
    mkdirSync(layout)
    const children = ['amd64', 'arm64'].map((architecture) => {
      const platform = { os: 'linux', architecture }
      return addRunnable(layout, { name: 'multi', version: '1.0', noise: NOISE, platform })
    })
    const index = addIndex(layout, children)
    writeIndex(layout, [{ ...index, annotations: { [ANNOTATIONS.refName]: 'multi:1.0' } }])
    await install({ targets: [layout], allPlatforms: true, ...engine })
    expect(containerd.ctr('images', 'ls')).to.match(
      new RegExp(
        `multi:1.0 +${MEDIA_TYPES.ociIndex.replace(/[+.]/g, '\\$&')} +${index.digest} .*amd64,linux/arm64`,
      ),
    )
    expect(run('multi:1.0', 'multi')).to.contain('VERSION_ID=1.0')
  })

  it('keeps the index that an image was chosen from, so that its digest is found', async () => {
    const layout = path.join(folder, 'layout-origin')
    mkdirSync(layout)
    const image = addRunnable(layout, { name: 'origin', version: '1.0', noise: NOISE })
    const other = {
      ...image,
      digest: `sha256:${'0'.repeat(64)}` as const,
      platform: { os: 'linux', architecture: 'arm64' },
    }
    const index = addIndex(layout, [image, other])
    writeIndex(
      layout,
      [
        ...readIndex(layout).map((entry) => ({
          ...entry,
          annotations: {
            ...entry.annotations,
            [ANNOTATIONS.originIndex]: index.digest,
            [ANNOTATIONS.originIndexSize]: String(index.size),
          },
        })),
        index,
      ].slice(0, 1),
    )
    await install({ targets: [layout], ...engine })
    expect(run(`origin@${index.digest}`, 'origin')).to.contain('ID=origin')
  })

  it('takes an image of docker’s own types', async () => {
    const [layout] = layoutOf('11.0', { docker: true })
    await install({ targets: [layout], ...engine })
    expect(run('debian:11.0', 'docker-types')).to.contain('VERSION_ID=11.0')
  })

  it('knows an image of Kubernetes’ namespace by its labels, pinned where asked', async () => {
    await load({ names: ['debian:11.0'], ...engine, namespace: 'k8s.io', pin: true })
    const images = containerd.ctr('-n', 'k8s.io', 'images', 'ls', 'name==docker.io/library/debian:11.0')
    expect(images)
      .to.contain('io.cri-containerd.image=managed')
      .and.contain('io.cri-containerd.pinned=pinned')
  })
})
