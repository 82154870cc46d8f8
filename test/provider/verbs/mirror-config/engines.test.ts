import { mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { run } from '../../../cli/command/run.js'
import { restoreEnvironment } from '../../../environment.js'
import { type DockerRegistry, startDockerRegistry } from '../../../peers/docker-registry.js'
import { type Docker, startDocker } from '../../../peers/engines.js'
import { describeWithPeers, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { type Certificate, selfSigned } from '../../registry/certificates.js'
import { makeSmallImage, push, type SmallImage } from '../../registry/small-image.js'

/** None of these registries can be reached from here: what comes, comes from the mirrors. */
const HUB = 'docker.io'
const UPSTREAM = 'registry.invalid'

describeWithPeers(
  ['docker-registry', 'skopeo', 'podman', 'dockerd', 'docker', 'ctr'],
  'engines with the configuration that mirror-config writes',
  () => {
    const temporary = scratch()
    const before_ = { ...process.env }
    let plain: DockerRegistry
    let secure: DockerRegistry
    let certificate: Certificate
    let image: SmallImage
    /** Stands for `/` of an engine's machine. */
    let root: string

    before(async () => {
      process.env.CONTAINERIMAGE_CONFIG_DIR = temporary.folder()
      certificate = selfSigned(temporary.folder())
      ;[plain, secure] = await Promise.all([
        startDockerRegistry(),
        startDockerRegistry({ tls: { certificate: certificate.file, key: certificate.keyFile } }),
      ])
      image = makeSmallImage(temporary.folder())
      push(image, `${plain.host}/library/debian:12`)
      push(image, `${secure.host}/site/cache/base/small:1`)
      root = temporary.folder()
      await told(['config', 'set', `mirrors.${HUB}`, `http://${plain.host}`])
      const site = `https://${secure.host}/site/cache`
      await told([
        'config',
        'set',
        `mirrors.${UPSTREAM}`,
        site,
        '--no-upstream',
        '--ca-file',
        certificate.file,
      ])
      for (const engine of ['docker', 'containerd', 'podman'])
        await told(['mirror-config', engine, '--output', root])
    })
    after(async () => {
      restoreEnvironment(before_)
      await Promise.all([plain, secure].map((registry) => registry.stop()))
      temporary.remove()
    })

    async function told(words: string[]): Promise<string> {
      const { code, out, err } = await run(words)
      expect(code, err).to.equal(0)
      return out
    }

    describe('podman and skopeo', () => {
      let env: NodeJS.ProcessEnv
      let podman: string[]

      before(() => {
        const home = temporary.folder()
        mkdirSync(path.join(home, '.config'))
        symlinkSync(path.join(root, 'etc/containers'), path.join(home, '.config/containers'))
        const CONTAINERS_REGISTRIES_CONF = path.join(
          root,
          'etc/containers/registries.conf.d/50-containerimage.conf',
        )
        env = { PATH: process.env.PATH, HOME: home, CONTAINERS_REGISTRIES_CONF }
        const place = temporary.folder()
        podman = ['--root', path.join(place, 'root'), '--runroot', path.join(place, 'run')]
        podman.push('--storage-driver', 'vfs')
      })

      it('find an image of Docker Hub at its mirror', () => {
        const raw = runPeer('skopeo', ['inspect', '--raw', `docker://${HUB}/library/debian:12`], { env })
        expect(raw).to.equal(image.manifestBytes.toString())
        runPeer('podman', [...podman, 'pull', '-q', `${HUB}/library/debian:12`], { env })
        const names = runPeer('podman', [...podman, 'images', '--format', '{{.Repository}}:{{.Tag}}'], {
          env,
        })
        expect(names.split('\n')).to.include(`${HUB}/library/debian:12`)
      })

      it('find an image at the mirror that stands for its registry, with a path, over its own authority', () => {
        const raw = runPeer('skopeo', ['inspect', '--raw', `docker://${UPSTREAM}/base/small:1`], { env })
        expect(raw).to.equal(image.manifestBytes.toString())
        runPeer('podman', [...podman, 'pull', '-q', `${UPSTREAM}/base/small:1`], { env })
      })
    })

    describe('docker and containerd', () => {
      let engine: Docker

      before(async () => {
        engine = await startDocker({ more: ['--config-file', path.join(root, 'etc/docker/daemon.json')] })
      })
      after(async () => {
        await engine.stop()
      })

      it('find an image of Docker Hub at its mirror', () => {
        expect(engine.docker('info', '--format', '{{json .RegistryConfig.Mirrors}}')).to.contain(plain.host)
        engine.docker('pull', '-q', 'debian:12')
        expect(engine.docker('images', '--digests', '--format', '{{.Digest}}')).to.contain(
          image.manifest.digest,
        )
        const folder = path.join(root, 'etc/containerd/certs.d')
        engine.ctr(
          'images',
          'pull',
          '--snapshotter',
          'native',
          '--hosts-dir',
          folder,
          `${HUB}/library/debian:12`,
        )
        expect(engine.ctr('images', 'ls')).to.contain(image.manifest.digest)
      })

      it('find an image at the mirror that stands for its registry, with a path, over its own authority', () => {
        const folder = path.join(root, 'etc/containerd/certs.d')
        engine.ctr(
          'images',
          'pull',
          '--snapshotter',
          'native',
          '--hosts-dir',
          folder,
          `${UPSTREAM}/base/small:1`,
        )
        expect(engine.ctr('images', 'ls')).to.contain(`${UPSTREAM}/base/small:1`)
      })
    })

    it('and this program find the same', async () => {
      const store = temporary.folder()
      for (const name of [`${HUB}/library/debian:12`, `${UPSTREAM}/base/small:1`]) {
        const out = await told(['pull', name, '--store', store, '--json'])
        expect(JSON.parse(out).images[0].digest).to.equal(image.manifest.digest)
      }
    })
  },
)
