import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { find, get, install, save, uninstall, verify } from '../../provider/index.js'
import { debianRootfs } from '../fixtures/debian.js'
import { type DockerRegistry, startDockerRegistry } from '../peers/docker-registry.js'
import { type Docker, startDocker } from '../peers/engines.js'
import { describeWithPeers, runPeer } from '../peers/peers.js'
import { scratch } from '../scratch.js'

const PEERS_NEEDED = [
  'mmdebstrap',
  'docker-registry',
  'skopeo',
  'docker',
  'dockerd',
  'ctr',
  'podman',
] as const

describeWithPeers(
  [...PEERS_NEEDED],
  'a real Debian base image, from a registry to a host without a network',
  () => {
    const temporary = scratch()
    let registry: DockerRegistry
    let engine: Docker
    let source: string
    let digest: string
    let archive: string
    let store: string

    before(async () => {
      const rootfs = await debianRootfs()
      ;[registry, engine] = await Promise.all([startDockerRegistry(), startDocker()])
      const reference = `${registry.host}/base/debian:12.5`
      runPeer('skopeo', [
        'copy',
        '--quiet',
        '--dest-tls-verify=false',
        `tarball:${rootfs}`,
        `docker://${reference}`,
      ])
      const inspected = runPeer('skopeo', ['inspect', '--tls-verify=false', `docker://${reference}`])
      digest = (JSON.parse(inspected) as { Digest: string }).Digest
      source = `http://${registry.host}`
      const stick = temporary.folder()
      store = path.join(temporary.folder(), 'store')
      archive = path.join(stick, 'debian-12-5.tar')
    })

    after(async () => {
      await Promise.all([registry?.stop(), engine?.stop()])
      temporary.remove()
    })

    it('finds it by name, with the digest of the registry', async () => {
      const { images } = await find({ names: ['debian'], source })
      expect(images).to.have.length(1)
      expect(images[0]).to.include({ name: 'debian', version: '12.5', os: 'linux', digest })
    })

    it('saves it into one file, named by name and version', async () => {
      const result = await save({ names: ['debian'], source, path: path.dirname(archive) })
      expect(result.files.map((file) => file.path)).to.deep.equal([archive])
      const hash = execFileSync('sha256sum', [archive]).toString().split(' ')[0]
      expect(result.files[0]?.sha256).to.equal(hash)
      expect(result.images[0]?.digest).to.equal(digest)
    })

    it('gives the same bytes when it saves again elsewhere', async () => {
      const again = path.join(temporary.folder(), 'again.tar')
      await save({ names: ['debian:12.5'], source, path: again })
      expect(readFileSync(again).equals(readFileSync(archive))).to.equal(true)
    })

    it('installs the file and tags it with its version and latest', async () => {
      await registry.stop()
      const result = await install({ targets: [archive], store })
      expect(result.images[0]).to.include({ name: 'debian', version: '12.5', digest })
      expect(result.images[0]?.tags).to.deep.equal([
        'debian:12.5',
        'debian:latest',
        `${registry.host}/base/debian:12.5`,
      ])
      expect((await verify({ store })).problems).to.deep.equal([])
    })

    it('leaves a store that skopeo reads, with the digest of the registry', () => {
      for (const tag of ['12.5', 'latest']) {
        const inspected = JSON.parse(runPeer('skopeo', ['inspect', `oci:${store}:debian:${tag}`])) as {
          Digest: string
        }
        expect(inspected.Digest).to.equal(digest)
      }
    })

    it('copies nothing when it is installed already', async () => {
      const result = await install({ targets: [archive], store })
      expect(result.copiedBytes).to.equal(0)
      expect(result.alreadyThere).to.deep.equal([digest])
    })

    it('has an archive that dockerd loads and runs', () => {
      engine.docker('load', '-i', archive)
      const release = engine.docker(
        'run',
        '--rm',
        '--network',
        'none',
        'debian:latest',
        'cat',
        '/etc/os-release',
      )
      expect(release).to.match(/^ID=debian$/m)
      const [image] = JSON.parse(engine.docker('image', 'inspect', 'debian:12.5')) as {
        RootFS: { Layers: string[] }
      }[]
      expect(image?.RootFS.Layers).to.have.length(1)
    })

    it('has an archive that containerd imports, with the digest of the registry', () => {
      engine.ctr('images', 'import', archive)
      expect(engine.ctr('images', 'ls')).to.match(new RegExp(`docker.io/library/debian:12.5\\s.*${digest}`))
    })

    it('has an archive that podman loads', () => {
      const root = path.join(temporary.folder(), 'podman')
      mkdirSync(root)
      const podman = [
        '--root',
        path.join(root, 'r'),
        '--runroot',
        path.join(root, 'rr'),
        '--storage-driver',
        'vfs',
      ]
      runPeer('podman', [...podman, 'load', '-i', archive])
      const images = runPeer('podman', [...podman, 'images', '--format', '{{.Repository}}:{{.Tag}}'])
      expect(images).to.contain('docker.io/library/debian:12.5')
    })

    it('has an archive that skopeo copies from', () => {
      const target = path.join(temporary.folder(), 'copy')
      runPeer('skopeo', ['copy', '--quiet', `oci-archive:${archive}`, `dir:${target}`])
      expect(existsSync(path.join(target, 'manifest.json'))).to.equal(true)
    })

    it('uninstalls it, and nothing of it is left', async () => {
      const result = await uninstall({ name: 'debian', version: '12.5', store })
      expect(result.removed[0]?.tags).to.have.members([
        'debian:12.5',
        'debian:latest',
        `${registry.host}/base/debian:12.5`,
      ])
      expect(await get({ store })).to.deep.equal([])
      expect((await verify({ store })).blobs).to.equal(0)
    })
  },
)
