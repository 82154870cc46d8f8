import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import {
  ANNOTATIONS,
  configBytes,
  type Descriptor,
  digestOf,
  MEDIA_TYPES,
  manifestBytes,
} from '../../../manifests/index.js'
import { planCopy } from '../../../provider/copy/plan.js'
import { openEngine } from '../../../provider/engine/open-engine.js'
import { openPath } from '../../../provider/formats/open/open-path.js'
import { get, install, load, save, uninstall } from '../../../provider/index.js'
import { addRunnable } from '../../fixtures/cat-image.js'
import { addBlob, addIndex, makeLayout, readIndex, tarOf, writeIndex } from '../../fixtures/layout.js'
import { TestContainerd } from '../../peers/containerd.js'
import { countingProxy } from '../../peers/counting-proxy.js'
import { describeWithPeers } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { failure } from '../verbs/failure.js'

const NOISE = randomBytes(8_000_000)

describeWithPeers(['containerd', 'ctr'], 'containerd as an engine', () => {
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
  /** Of the config, by which docker and podman call an image. */
  const idOf = (version: string): string => {
    const layout = path.join(folder, `layout-${version}`)
    const [root] = readIndex(layout)
    const blob = (digest = ''): string => path.join(layout, 'blobs', digest.replace(':', '/'))
    return JSON.parse(readFileSync(blob(root?.digest), 'utf8')).config.digest
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
    expect(loaded?.moved).to.deep.equal([
      {
        tag: 'docker.io/library/debian:latest',
        from: idOf('12.5'),
        fromVersion: '12.5',
        to: idOf('12.6'),
        toVersion: '12.6',
      },
    ])
    expect(loaded?.sentBytes).to.be.greaterThan(0).and.lessThan(1000)
    expect(proxy.sent).to.be.greaterThan(0).and.lessThan(200_000)
    expect(run('debian:latest', 'second')).to.contain('VERSION_ID=12.6')
    expect(run('debian:12.5', 'still')).to.contain('VERSION_ID=12.5')
  })

  describe('given an image that it cannot unpack', () => {
    const layers = [tarOf({ a: 'a' }), tarOf({ b: 'b' })]
    const wrong = {
      'whose layers have other diff ids': { layers, diffIds: layers.map((tar) => digestOf(tar)).reverse() },
      'whose layer is not a tar': { layers: [Buffer.alloc(2048, 'x')] },
      'whose layer is the beginning of a gzip': { layers: [gzipSync(tarOf({ a: NOISE })).subarray(0, 5000)] },
    }

    for (const [what, { layers, diffIds }] of Object.entries<{ layers: Buffer[]; diffIds?: string[] }>(wrong))
      it(`keeps every name as it was: ${what}`, async () => {
        const layout = path.join(folder, `wrong ${what}`)
        makeLayout(layout, [])
        addWrong(layout, layers, diffIds ?? layers.map((tar) => digestOf(tar)))
        const before = containerd.ctr('images', 'ls')
        await failure(loadUnchecked(layout), diffIds ? 'DIGEST_MISMATCH' : 'ENGINE_REFUSED')
        expect(containerd.ctr('images', 'ls')).to.equal(before)
      })

    /** Under a name that another image has. */
    function addWrong(layout: string, layers: Buffer[], diffIds: string[]): void {
      const config = configBytes({
        os: 'linux',
        architecture: 'amd64',
        config: {},
        rootfs: { type: 'layers', diff_ids: diffIds as `sha256:${string}`[] },
      })
      const bytes = manifestBytes({
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.ociManifest,
        config: addBlob(layout, MEDIA_TYPES.ociConfig, config),
        layers: layers.map((tar) => addBlob(layout, MEDIA_TYPES.ociLayer, tar)),
      })
      const root = addBlob(layout, MEDIA_TYPES.ociManifest, bytes)
      writeIndex(layout, [{ ...root, annotations: { [ANNOTATIONS.refName]: 'debian:12.6' } }])
    }

    /** Past the check of layers that every verb makes before. */
    async function loadUnchecked(layout: string): Promise<void> {
      const collection = await openPath(layout)
      const [{ root } = { root: first }] = readIndex(layout).map((root) => ({ root }))
      const names = ['12.6', 'latest'].map((tag) => ({ repository: 'debian', tag }))
      const platform = { os: 'linux', architecture: 'amd64' }
      const plan = await planCopy(collection, [{ root, names, platform, annotations: {} }], {})
      const opened = await openEngine('containerd', { address: containerd.address })
      const sink = opened.sink()
      await sink.begin?.(plan, {})
      for (const descriptor of plan.contents)
        await sink.write({ descriptor, open: (from) => collection.read(descriptor, { from }) })
      for (const image of plan.images) await sink.tag(image)
    }
  })

  it('keeps an image without a name, and lets it go by its id', async () => {
    const layout = path.join(folder, 'unnamed')
    mkdirSync(layout)
    // A single one would be called as the folder is.
    const roots = ['1', '2'].map((version) => addRunnable(layout, { name: 'none', version, noise: NOISE }))
    writeIndex(layout, roots)
    const { images } = await load({ names: [layout], ...engine })
    const unnamed = async (): Promise<string[]> =>
      (await get(engine)).filter(({ tag }) => tag === '<none>').map(({ id }) => id)
    const ids = images.map(({ id }) => id)
    expect(ids).to.have.length(2)
    expect(await unnamed()).to.have.members(ids)
    for (const name of ids) await uninstall({ name, ...engine })
    expect(await unnamed()).to.deep.equal([])
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

  it('counts a layer that other images stand on only where these go, too', async () => {
    const freed = async (more: { version?: string; allVersions?: boolean }): Promise<number> =>
      (await uninstall({ name: 'debian', ...more, ...engine, whatIf: true })).freedBytes
    expect(await freed({ version: '12.5' })).to.be.within(1, 10_000)
    expect(await freed({ allVersions: true })).to.be.within(NOISE.length, 2.5 * NOISE.length)
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
