import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { hashSync } from 'bcryptjs'
import { expect } from 'chai'
import { ANNOTATIONS, blobPath, type Descriptor, digestOf, type Manifest } from '../../../manifests/index.js'
import { pull, verify } from '../../../provider/index.js'
import { addIndex, makeLayout, readIndex, writeIndex } from '../../fixtures/layout.js'
import { type Docker, startDocker } from '../../peers/engines.js'
import { describeWithPeers, runPeer } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { selfSigned } from '../registry/certificates.js'
import { dockerConfig } from '../registry/docker-config.js'
import { type ServeProgram, startServeProgram } from './serve-program.js'

const { folder, remove } = scratch()

/** An image for two machines, by an index that is called debian:multi, and alone as debian:12.5. */
function layoutOfTwo(): { layout: string; single: Descriptor; other: Descriptor; index: Descriptor } {
  const layout = folder()
  const files = { 'etc/os-release': 'ID=debian\n', 'usr/data': 400_000 }
  const [single, other] = makeLayout(layout, [
    { refName: 'debian:12.5', layers: [{ files }, { files: { 'usr/more': 2_000_000 } }] },
    { refName: 'gone:1', platform: { os: 'linux', architecture: 'arm64' }, layers: [{ files }] },
  ])
  if (!single || !other) throw new Error('no image')
  const index = addIndex(layout, [single, other])
  const kept = readIndex(layout).filter(({ digest }) => digest !== other.digest)
  writeIndex(layout, [...kept, { ...index, annotations: { [ANNOTATIONS.refName]: 'debian:multi' } }])
  return { layout, single, other, index }
}

async function ended({ child, ended: over }: ServeProgram): Promise<void> {
  child.kill('SIGTERM')
  await over
}

describeWithPeers(
  ['skopeo', 'podman', 'docker', 'dockerd', 'ctr', 'curl'],
  'what serve offers is pulled by',
  () => {
    let made: ReturnType<typeof layoutOfTwo>
    let server: ServeProgram
    let engine: Docker

    before(async () => {
      made = layoutOfTwo()
      ;[server, engine] = await Promise.all([
        startServeProgram(folder(), [made.layout, '--quiet']),
        startDocker(),
      ])
    })
    after(async () => {
      await Promise.all([ended(server), engine?.stop()])
      remove()
    })

    function copied(reference: string, ...options: string[]): string {
      const target = path.join(folder(), 'copy')
      runPeer('skopeo', [
        'copy',
        '--quiet',
        '--src-tls-verify=false',
        ...options,
        `docker://${server.host}/${reference}`,
        `dir:${target}`,
      ])
      return target
    }

    const manifestIn = (place: string): string => digestOf(readFileSync(path.join(place, 'manifest.json')))

    it('skopeo: by tag, by digest, and as mirrors name it', () => {
      expect(manifestIn(copied('debian:12.5'))).to.equal(made.single.digest)
      expect(manifestIn(copied(`debian@${made.single.digest}`))).to.equal(made.single.digest)
      expect(manifestIn(copied('library/debian:12.5'))).to.equal(made.single.digest)
    })

    it('skopeo: an index whole, and one platform of it', () => {
      const whole = copied('debian:multi', '--all')
      expect(manifestIn(whole)).to.equal(made.index.digest)
      expect(readdirSync(whole).filter((name) => name.endsWith('.manifest.json'))).to.have.length(2)
      expect(manifestIn(copied('debian:multi', '--override-arch', 'arm64'))).to.equal(made.other.digest)
    })

    it('skopeo: the tags', () => {
      const list = runPeer('skopeo', ['list-tags', '--tls-verify=false', `docker://${server.host}/debian`])
      expect(JSON.parse(list).Tags).to.deep.equal(['12.5', 'multi'])
    })

    it('docker: by tag, by digest, and out of an index', () => {
      for (const name of ['debian:12.5', `debian@${made.single.digest}`, 'library/debian:multi']) {
        engine.docker('pull', '--quiet', `${server.host}/${name}`)
        expect(engine.docker('image', 'inspect', '--format', '{{.Os}}', `${server.host}/${name}`)).to.equal(
          'linux\n',
        )
      }
      const digests = engine.docker(
        'image',
        'inspect',
        '--format',
        '{{json .RepoDigests}}',
        `${server.host}/debian:12.5`,
      )
      expect(digests).to.contain(made.single.digest)
    })

    it('containerd: by tag, and an index', () => {
      for (const [name, { digest }] of [
        ['debian:12.5', made.single],
        ['debian:multi', made.index],
      ] as const) {
        engine.ctr('images', 'pull', '--plain-http', '--snapshotter', 'native', `${server.host}/${name}`)
        expect(engine.ctr('images', 'ls')).to.match(new RegExp(`${server.host}/${name}\\s.*${digest}`))
      }
    })

    it('containerd: as the mirror of a registry that it cannot reach', () => {
      const hosts = folder()
      mkdirSync(path.join(hosts, 'docker.io'))
      const lines = [
        'server = "http://127.0.0.1:1"',
        `[host."${server.url}"]`,
        '  capabilities = ["pull", "resolve"]',
      ]
      writeFileSync(path.join(hosts, 'docker.io', 'hosts.toml'), `${lines.join('\n')}\n`)
      const name = 'docker.io/library/debian:12.5'
      engine.ctr('images', 'pull', '--hosts-dir', hosts, '--snapshotter', 'native', name)
      expect(engine.ctr('images', 'ls')).to.match(new RegExp(`${name}\\s.*${made.single.digest}`))
    })

    it('podman: by tag and by digest', () => {
      const root = path.join(folder(), 'podman')
      mkdirSync(root)
      const podman = [
        '--root',
        path.join(root, 'root'),
        '--runroot',
        path.join(root, 'run'),
        '--storage-driver',
        'vfs',
      ]
      for (const name of ['debian:12.5', `debian@${made.single.digest}`])
        runPeer('podman', [...podman, 'pull', '--quiet', '--tls-verify=false', `${server.host}/${name}`])
      const images = runPeer('podman', [...podman, 'images', '--digests', '--format', '{{.Digest}}'])
      expect(images).to.contain(made.single.digest)
    })

    it('curl: in two parts that make one', () => {
      const manifest = JSON.parse(
        readFileSync(path.join(made.layout, blobPath(made.single.digest)), 'utf8'),
      ) as Manifest
      const { digest } = manifest.layers[1] as Descriptor
      const file = path.join(folder(), 'layer')
      const url = `${server.url}/v2/debian/blobs/${digest}`
      for (const more of [
        ['--range', '0-999999'],
        ['--continue-at', '-'],
      ])
        expect(spawnSync('curl', ['-sSf', '-o', file, ...more, url], { encoding: 'utf8' }).stderr).to.equal(
          '',
        )
      expect(digestOf(readFileSync(file))).to.equal(digest)
    })
  },
)

const ENGINES_OF_PEERS = ['skopeo', 'podman', 'docker', 'dockerd', 'ctr'] as const

describeWithPeers([...ENGINES_OF_PEERS], 'what serve offers with TLS and passwords is pulled by', () => {
  let engine: Docker
  let made: ReturnType<typeof layoutOfTwo>
  let server: ServeProgram
  let certificates = ''
  const dockerConfigBefore = process.env.DOCKER_CONFIG

  before(async () => {
    made = layoutOfTwo()
    certificates = folder()
    const { file, keyFile } = selfSigned(certificates)
    const auth = path.join(folder(), 'htpasswd')
    writeFileSync(auth, `ann:${hashSync('word', 5).replace('$2b$', '$2y$')}\n`)
    ;[server, engine] = await Promise.all([
      startServeProgram(folder(), [
        ...[made.layout, '--quiet', '--auth', auth, '--tls-cert', file, '--tls-key', keyFile],
      ]),
      startDocker(),
    ])
  })
  after(async () => {
    await engine?.stop()
    if (dockerConfigBefore === undefined) delete process.env.DOCKER_CONFIG
    else process.env.DOCKER_CONFIG = dockerConfigBefore
    await ended(server)
    remove()
  })

  it('skopeo, which checks the certificate, and nobody without the password', () => {
    // skopeo takes what ends in .crt for authorities.
    writeFileSync(path.join(certificates, 'ca.crt'), readFileSync(path.join(certificates, 'cert.pem')))
    const authorities = path.join(folder(), 'authorities')
    mkdirSync(authorities)
    writeFileSync(path.join(authorities, 'ca.crt'), readFileSync(path.join(certificates, 'ca.crt')))
    const inspect = (...more: string[]): string =>
      runPeer('skopeo', [
        'inspect',
        '--cert-dir',
        authorities,
        ...more,
        `docker://${server.host}/debian:12.5`,
      ])
    expect(JSON.parse(inspect('--creds', 'ann:word')).Digest).to.equal(made.single.digest)
    expect(() => inspect('--creds', 'ann:wrong')).to.throw(/unauthorized|401|authentication required/i)
    expect(() => inspect('--no-creds')).to.throw(/unauthorized|401|authentication required/i)
  })

  it('podman, which checks the certificate, by tag, digest and platform', () => {
    const place = folder()
    const storage = ['--root', path.join(place, 'root'), '--runroot', path.join(place, 'run')]
    const authorities = path.join(place, 'authorities')
    mkdirSync(authorities)
    writeFileSync(path.join(authorities, 'ca.crt'), readFileSync(path.join(certificates, 'cert.pem')))
    const pulled = (reference: string, ...more: string[]): string =>
      runPeer('podman', [
        ...[...storage, '--storage-driver', 'vfs', 'pull', '--quiet', '--cert-dir', authorities],
        ...[...more, `${server.host}/${reference}`],
      ]).trim()
    const id = pulled('debian:12.5', '--creds', 'ann:word')
    expect(pulled(`debian@${made.single.digest}`, '--creds', 'ann:word')).to.equal(id)
    expect(pulled('debian:multi', '--creds', 'ann:word', '--platform', 'linux/arm64')).not.to.equal(id)
    expect(() => pulled('debian:12.5', '--creds', 'ann:wrong')).to.throw(/unauthorized|401|authentication/i)
  })

  it('docker, after its login', () => {
    const client = ['--config', folder()]
    engine.docker(...client, 'login', '--username', 'ann', '--password', 'word', server.host)
    for (const reference of ['debian:12.5', `debian@${made.single.digest}`])
      engine.docker(...client, 'pull', '--quiet', `${server.host}/${reference}`)
    engine.docker(...client, 'pull', '--quiet', '--platform', 'linux/arm64', `${server.host}/debian:multi`)
    // Told 401, docker tries plain http on its own machine, which this port does not speak.
    expect(() => engine.docker('--config', folder(), 'pull', `${server.host}/debian:12.5`)).to.throw()
  })

  it('ctr, which checks the certificate, by tag, digest and platform', () => {
    // Without a file for it, ctr takes what is on its own machine for plain http.
    const hosts = folder()
    mkdirSync(path.join(hosts, server.host))
    const toml = `server = "https://${server.host}"\n\n[host."https://${server.host}"]\n  ca = ${JSON.stringify(path.join(certificates, 'cert.pem'))}\n`
    writeFileSync(path.join(hosts, server.host, 'hosts.toml'), toml)
    const pulled = (reference: string, user: string, ...more: string[]): string =>
      engine.ctr(
        ...['images', 'pull', '--hosts-dir', hosts, '--user', user, ...more, `${server.host}/${reference}`],
      )
    pulled('debian:12.5', 'ann:word')
    pulled(`debian@${made.single.digest}`, 'ann:word')
    pulled('debian:multi', 'ann:word', '--platform', 'linux/arm64')
    expect(engine.ctr('images', 'ls')).to.contain(made.index.digest)
    expect(() => pulled('debian:12.5', 'ann:wrong')).to.throw(/unauthorized|401|authorization/i)
  })

  it('our own pull, into a store that verifies', async () => {
    const config = folder()
    dockerConfig(config, { [server.host]: 'ann:word' })
    process.env.DOCKER_CONFIG = config
    const store = path.join(folder(), 'store')
    const { images } = await pull({
      references: [`${server.host}/debian:12.5`, `${server.host}/debian:multi`],
      allPlatforms: true,
      caFile: path.join(certificates, 'cert.pem'),
      store,
    })
    expect(images.map(({ digest }) => digest)).to.have.members([made.single.digest, made.index.digest])
    expect((await verify({ store })).ok).to.equal(true)
  })
})
