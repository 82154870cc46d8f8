import { execFileSync } from 'node:child_process'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import {
  get,
  install,
  inventory,
  load,
  mediaStatus,
  readReceipts,
  save,
  verify,
} from '../../provider/index.js'
import { debianRootfs } from '../fixtures/debian.js'
import { type Docker, startDocker } from '../peers/engines.js'
import { describeWithPeers, runPeer } from '../peers/peers.js'
import { failure } from '../provider/verbs/failure.js'
import { scratch } from '../scratch.js'

/** What a delta may have besides the blobs that the other side lacks, in bytes. */
const MOST_BESIDES = 1_000_000

const VERSIONS = ['12.4', '12.5', '12.6'] as const

describeWithPeers(
  ['mmdebstrap', 'skopeo', 'umoci', 'docker', 'dockerd', 'ctr'],
  'a real Debian in three versions, carried to two hosts as what each lacks',
  () => {
    const temporary = scratch()
    let layout: string
    let engine: Docker
    let folder: string
    /** Stores of two hosts; beta gets the second version late. */
    let alpha: string
    let beta: string

    before(async () => {
      folder = temporary.folder()
      layout = path.join(folder, 'layout')
      ;[alpha, beta] = [path.join(folder, 'alpha'), path.join(folder, 'beta')]
      const rootfs = await debianRootfs()
      engine = await startDocker()
      runPeer('skopeo', ['copy', '--quiet', `tarball:${rootfs}`, `oci:${layout}:debian:12.4`])
      for (const [i, version] of VERSIONS.slice(1).entries()) addVersion(VERSIONS[i] ?? '', version)
    })

    after(async () => {
      await engine?.stop()
      temporary.remove()
    })

    /** A version with one more layer, as a rebuilt image has. */
    function addVersion(from: string, version: string): void {
      const change = path.join(folder, version)
      mkdirSync(path.join(change, 'etc'), { recursive: true })
      writeFileSync(path.join(change, 'etc', 'debian_version'), `${version}\n`)
      const tar = path.join(folder, `${version}.tar`)
      execFileSync('tar', ['-cf', tar, '-C', change, 'etc'])
      runPeer('umoci', [
        ...['raw', 'add-layer', '--image', `${layout}:debian:${from}`],
        ...['--tag', `debian:${version}`, tar],
      ])
    }

    async function saved(version: string, name: string, base: string[]): Promise<string> {
      const file = path.join(folder, name)
      const whole = path.join(folder, `whole-${version}`)
      runPeer('skopeo', [
        'copy',
        '--quiet',
        `oci:${layout}:debian:${version}`,
        `oci:${whole}:debian:${version}`,
      ])
      await save({ names: [whole], path: file, base, force: true })
      return file
    }

    it('carries the first version whole', async () => {
      const file = await saved('12.4', 'first.tar', [])
      for (const store of [alpha, beta]) await install({ store, targets: [file], receipt: `${store}.jsonl` })
      expect(statSync(file).size).to.be.above(30_000_000)
    })

    it('carries the second version as the layer that an inventory lacks, and installs it', async () => {
      const base = path.join(folder, 'alpha.json')
      await inventory({ store: alpha, path: base })
      const file = await saved('12.5', 'second.tar', [base])
      expect(statSync(file).size).to.be.below(MOST_BESIDES)
      await install({ store: alpha, targets: [file], receipt: `${alpha}.jsonl` })
      expect((await verify({ store: alpha })).problems).to.deep.equal([])
    })

    it('refuses it on a host that has not the base, by the name of what is lacking', async () => {
      const error = await failure(
        install({ store: path.join(folder, 'none'), targets: [path.join(folder, 'second.tar')] }),
        'BASE_MISSING',
      )
      expect(error.remedy).to.contain('debian 12.4')
    })

    it('carries the third version by the receipts of both hosts: what one of them lacks goes along', async () => {
      const receipts = [`${alpha}.jsonl`, `${beta}.jsonl`]
      const status = await mediaStatus({ path: path.join(folder, 'second.tar'), receipts })
      expect(status.hosts.map(({ images }) => images[0]?.state)).to.deep.equal(['delivered', 'not yet'])
      const file = await saved('12.6', 'third.tar', receipts)
      expect(statSync(file).size).to.be.below(MOST_BESIDES)
      for (const store of [alpha, beta]) {
        await install({ store, targets: [file], receipt: `${store}.jsonl` })
        expect((await verify({ store })).problems).to.deep.equal([])
        const images = await get({ store, names: ['debian:latest'] })
        expect(images.map(({ version }) => version)).to.deep.equal(['12.6'])
      }
      for (const log of await readReceipts({ paths: receipts }))
        expect(log.receipts.at(-1)?.images[0]?.outcome).to.equal('installed')
    })

    it('loads into a dockerd that has the base, and runs', () => {
      engine.docker('load', '-i', path.join(folder, 'first.tar'))
      engine.docker('load', '-i', path.join(folder, 'second.tar'))
      expect(run('debian:12.5')).to.equal('12.5\n')
    })

    function run(image: string): string {
      return engine.docker('run', '--rm', '--network', 'none', image, 'cat', '/etc/debian_version')
    }

    it('is loaded from its file into an engine that has the base, and not into one that has not', async () => {
      engine.docker('rmi', 'debian:12.5')
      const file = path.join(folder, 'second.tar')
      const address = engine.socket
      const loaded = await load({ names: [file], engine: 'docker', engineAddress: address, noLatest: true })
      expect(loaded.sentBytes).to.be.below(MOST_BESIDES)
      expect(run('debian:12.5')).to.equal('12.5\n')
      engine.docker('rmi', 'debian:12.5', 'debian:12.4', 'debian:latest')
      await failure(load({ names: [file], engine: 'docker', engineAddress: address }), 'BASE_MISSING')
    })

    it('leaves out for an engine what its own inventory has', async () => {
      engine.docker('load', '-i', path.join(folder, 'first.tar'))
      const base = path.join(folder, 'docker.json')
      await inventory({ engine: 'docker', engineAddress: engine.socket, path: base })
      const file = await saved('12.6', 'for-docker.tar', [base])
      expect(statSync(file).size).to.be.below(MOST_BESIDES)
      engine.docker('load', '-i', file)
      expect(run('debian:12.6')).to.equal('12.6\n')
    })

    it('imports into a containerd that has the base, and its layers unpack', () => {
      engine.ctr('images', 'import', path.join(folder, 'first.tar'))
      engine.ctr('images', 'import', path.join(folder, 'second.tar'))
      const name = 'docker.io/library/debian:12.5'
      // Also of what is "incomplete" the word is a part.
      expect(engine.ctr('images', 'check')).to.match(new RegExp(`${name} .*\\scomplete \\(`))
      const mounted = path.join(folder, 'mounted')
      mkdirSync(mounted)
      engine.ctr('images', 'mount', name, mounted)
      try {
        expect(execFileSync('cat', [path.join(mounted, 'etc/debian_version')]).toString()).to.equal('12.5\n')
      } finally {
        engine.ctr('images', 'unmount', '--rm', mounted)
      }
    })
  },
)
