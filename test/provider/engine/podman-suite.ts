import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ANNOTATIONS, type Descriptor } from '../../../manifests/index.js'
import { get, install, load, save, uninstall } from '../../../provider/index.js'
import { addRunnable } from '../../fixtures/cat-image.js'
import { addIndex, readIndex, writeIndex } from '../../fixtures/layout.js'
import { countingProxy } from '../../peers/counting-proxy.js'
import { describeWithPeers } from '../../peers/peers.js'
import { TestPodman } from '../../peers/podman.js'
import { scratch } from '../../scratch.js'
import { failure } from '../verbs/failure.js'

const NOISE = randomBytes(8_000_000)

/** What podman must do as an engine, by itself or behind its socket. */
export function podmanAsEngine(title: string, isRemote: boolean): void {
  describeWithPeers(['podman'], title, () => {
    const temporary = scratch()
    const before_ = process.env.CONTAINERS_STORAGE_CONF
    let podman: TestPodman
    let folder: string
    let store: string
    let engine: { engine: 'podman'; store: string; engineAddress?: string }
    let first: Descriptor

    const layoutOf = (version: string, more: { docker?: boolean } = {}): [string, Descriptor] => {
      const layout = path.join(folder, `layout-${version}`)
      mkdirSync(layout)
      return [layout, addRunnable(layout, { name: 'debian', version, noise: NOISE, ...more })]
    }
    const idOf = (name: string): string =>
      `sha256:${podman.podman('image', 'inspect', '--format', '{{.Id}}', name).trim()}`
    /** crun cannot start containers here: what podman would run is taken out of a container that is only made. */
    const release = (name: string): string => {
      const container = podman.podman('create', name).trim()
      const tar = path.join(folder, 'exported.tar')
      podman.podman('export', '-o', tar, container)
      podman.podman('rm', container)
      return execFileSync('tar', ['-xOf', tar, 'etc/os-release']).toString()
    }

    before(async () => {
      folder = temporary.folder()
      store = path.join(folder, 'store')
      podman = new TestPodman()
      process.env.CONTAINERS_STORAGE_CONF = podman.environment.CONTAINERS_STORAGE_CONF
      if (isRemote) await podman.serve()
      engine = { engine: 'podman', store, ...(isRemote ? { engineAddress: podman.socket } : {}) }
    })

    after(async () => {
      if (before_ === undefined) delete process.env.CONTAINERS_STORAGE_CONF
      else process.env.CONTAINERS_STORAGE_CONF = before_
      await podman?.stop()
      temporary.remove()
    })

    it('tells what it would send, and changes nothing', async () => {
      const [layout, root] = layoutOf('12.5')
      first = root
      await install({ targets: [layout], store })
      const would = await load({ names: ['debian'], ...engine, whatIf: true })
      expect(would.sentBytes).to.be.greaterThan(NOISE.length)
      expect(podman.podman('images', '-q').trim()).to.equal('')
    })

    it('gets an image whole, under its version, latest, and its digest', async () => {
      const { loaded } = await install({ targets: [path.join(folder, 'layout-12.5')], ...engine })
      const { id, tags } = loaded?.images[0] ?? {}
      expect(tags).to.have.members(['docker.io/library/debian:12.5', 'docker.io/library/debian:latest'])
      for (const name of ['debian:12.5', 'debian:latest', `debian@${first.digest}`])
        expect(idOf(name)).to.equal(id)
      expect(release('debian:latest')).to.equal('ID=debian\nVERSION_ID=12.5\n')
    })

    it('is sent only the new layer of a version with the same base', async () => {
      const [layout] = layoutOf('12.6')
      const proxy = await countingProxy(path.join(folder, 'proxy.sock'), podman.socket)
      const through = isRemote ? { engineAddress: proxy.path } : {}
      const { loaded } = await install({ targets: [layout], ...engine, ...through })
      await proxy.close()
      expect(
        loaded?.moved?.map(({ tag, fromVersion, toVersion }) => [tag, fromVersion, toVersion]),
      ).to.deep.equal([['docker.io/library/debian:latest', '12.5', '12.6']])
      expect(loaded?.moved?.map(({ from, to }) => [from, to])).to.deep.equal([
        [idOf('debian:12.5'), idOf('debian:12.6')],
      ])
      expect(loaded?.sentBytes).to.be.greaterThan(0).and.lessThan(1000)
      if (isRemote) expect(proxy.sent).to.be.greaterThan(0).and.lessThan(200_000)
      expect(release('debian:latest')).to.contain('VERSION_ID=12.6')
      expect(release('debian:12.5')).to.contain('VERSION_ID=12.5')
    })

    it('lists what the engine itself lists', async () => {
      const rows = await get(engine)
      const own = JSON.parse(podman.podman('images', '--no-trunc', '--format', 'json')) as {
        Id: string
        Names: string[]
        Size: number
      }[]
      const expected = new Set(
        own.flatMap(({ Id, Names, Size }) => Names.map((name) => `${name} ${Id} ${Size}`)),
      )
      expect(
        rows.map((row) => `docker.io/library/${row.repository}:${row.tag} ${row.id.slice(7)} ${row.size}`),
      ).to.have.members([...expected])
    })

    it('takes several versions at once, of which some are there', async () => {
      const [layout] = layoutOf('12.7')
      await install({ targets: [layout], store })
      const { sentBytes } = await load({ names: ['debian'], ...engine })
      expect(sentBytes).to.be.greaterThan(0).and.lessThan(1000)
      expect(release('debian:12.7')).to.contain('VERSION_ID=12.7')
    })

    it('gets everything where podman loses an image after it was asked', async () => {
      const [layout] = layoutOf('12.8')
      await install({ targets: [layout], store })
      let isRemoved = false
      await load({
        names: ['debian:12.8'],
        ...engine,
        onProgress(event) {
          if (event.type !== 'blob' || isRemoved) return
          isRemoved = true
          podman.podman('rmi', '--all', '--force')
        },
      })
      expect(isRemoved).to.equal(true)
      expect(release('debian:12.8')).to.contain('VERSION_ID=12.8')
      await load({ names: ['debian'], ...engine })
    })

    it('is a source of the same layers, unpacked', async () => {
      const source = isRemote ? `podman:${podman.socket}` : 'podman:'
      const out = path.join(folder, 'out.tar')
      await save({ names: ['debian:12.5'], source, path: out })
      const other = path.join(folder, 'other')
      await install({ targets: [out], store: other })
      const [saved] = await get({ store: other })
      expect(saved?.id).to.equal(idOf('debian:12.5'))
      await failure(save({ names: ['debian:1.0'], source, path: path.join(folder, 'no.tar') }), 'NOT_FOUND')
    })

    it('counts a layer that other images stand on only where these go, too', async () => {
      const freed = async (more: { version?: string; allVersions?: boolean }): Promise<number> =>
        (await uninstall({ name: 'debian', ...more, ...engine, whatIf: true })).freedBytes
      expect(await freed({ version: '12.5' })).to.be.within(1, 10_000)
      expect(await freed({ allVersions: true })).to.be.within(NOISE.length, 2.5 * NOISE.length)
    })

    it('does not lose an image that a container needs, unless forced', async () => {
      podman.podman('create', '--name', 'keeper', 'debian:12.6')
      const error = await failure(uninstall({ name: 'debian', version: '12.6', ...engine }), 'IN_USE')
      expect(error.found).to.equal('keeper')
      expect(podman.podman('images', '--format', '{{.Tag}}')).to.match(/^12\.6$/m)
      const { removed } = await uninstall({ name: 'debian', version: '12.6', force: true, ...engine })
      expect(removed[0]?.tags).to.include('debian:12.6')
      expect(podman.podman('images', '--format', '{{.Tag}}')).not.to.match(/^12\.6$/m)
    })

    it('loses every name of what is uninstalled', async () => {
      await uninstall({ name: 'debian', allVersions: true, ...engine })
      expect(podman.podman('images', '--quiet', '--filter', 'dangling=false').trim()).to.equal('')
    })

    it('finds an image by the digest of the index that it was chosen from', async () => {
      const layout = path.join(folder, 'layout-multi')
      mkdirSync(layout)
      const children = ['amd64', 'arm64'].map((architecture) => {
        const platform = { os: 'linux', architecture }
        return addRunnable(layout, { name: 'multi', version: '1.0', noise: NOISE, platform })
      })
      const index = addIndex(layout, children)
      writeIndex(layout, [{ ...index, annotations: { [ANNOTATIONS.refName]: 'multi:1.0' } }])
      await install({ targets: [layout], allPlatforms: true, ...engine })
      for (const { digest } of [index, children[0] as Descriptor])
        expect(idOf(`multi@${digest}`)).to.equal(idOf('multi:latest'))
      expect(readIndex(store).some(({ digest }) => digest === index.digest)).to.equal(true)
    })

    it('takes an image of docker’s own types', async () => {
      const [layout, root] = layoutOf('11.0', { docker: true })
      await install({ targets: [layout], ...engine })
      expect(idOf(`debian@${root.digest}`)).to.equal(idOf('debian:11.0'))
    })

    it('leaves nothing in the folder for temporary files', async () => {
      const [own, before] = [temporary.folder(), process.env.TMPDIR]
      process.env.TMPDIR = own
      try {
        await load({ names: ['debian:11.0'], ...engine })
      } finally {
        if (before === undefined) delete process.env.TMPDIR
        else process.env.TMPDIR = before
      }
      expect(readdirSync(own)).to.deep.equal([])
    })
  })
}
