import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { commit, diff, importTar, load, unpack } from '../../provider/index.js'
import { debianRootfs } from '../fixtures/debian.js'
import { type Docker, startDocker } from '../peers/engines.js'
import { describeWithPeers, runPeer } from '../peers/peers.js'
import { TestPodman } from '../peers/podman.js'
import { DOCKER_PAIRS } from '../provider/inside/commit/docker-pairs.js'
import { listing } from '../provider/inside/unpack/listing.js'
import { scratch } from '../scratch.js'

/** What whoever runs the image sees of each change, one fact a line. */
const FACTS = [
  'cat /opt /etc/motd.new',
  'ls -d /etc/motd /usr/share/doc 2>/dev/null',
  'stat -c "%a %u:%g" /etc/issue /tmp /srv',
  '[ /etc/one -ef /etc/two ] && echo one file',
  'readlink /etc/out',
  'cat /mnt/in',
  'echo $SAID',
].join('; ')
const SEEN = [
  'a file',
  'new',
  '600 12:34',
  '1777 0:0',
  '755 0:0',
  'one file',
  '/nowhere/../etc/passwd',
  'in',
  'yes',
]

describeWithPeers(
  ['mmdebstrap', 'docker', 'dockerd', 'podman', 'runc'],
  'a Debian base image that was unpacked, changed and committed',
  () => {
    const temporary = scratch()
    let store: string
    let root: string
    let engine: Docker | undefined
    let podman: TestPodman | undefined

    before(async function () {
      if (process.getuid?.() !== 0) this.skip()
      store = path.join(temporary.folder(), 'store')
      const bundle = path.join(temporary.folder(), 'bundle')
      root = path.join(bundle, 'rootfs')
      await importTar({ path: await debianRootfs(), name: 'base:1', store })
      await unpack({ name: 'base:1', folder: bundle, bundle: true, store })
      change(root)
      const changes = ['ENV SAID=yes', `CMD ["/bin/sh","-c",${JSON.stringify(FACTS)}]`]
      await commit({ path: bundle, name: 'app:1', from: 'base:1', store, changes })
    })

    after(async () => {
      await engine?.stop()
      await podman?.stop()
      temporary.remove()
    })

    it('is what it was made of, file by file', async () => {
      const again = path.join(temporary.folder(), 'again')
      await unpack({ name: 'app:1', folder: again, store })
      expect((await commit({ path: again, name: 'app:2', from: 'app:1', store })).files).to.deep.equal([])
      const { files = [] } = await diff({ first: 'base:1', second: 'app:1', store, only: ['files'] })
      const names = files.map(({ path: name }) => name).filter((name) => !name.startsWith('/usr/share/doc'))
      expect(names).to.deep.equal([
        '/etc/issue',
        '/etc/motd',
        '/etc/motd.new',
        '/etc/one',
        '/etc/out',
        '/etc/two',
        '/mnt/in',
        '/opt',
        '/tmp/left',
      ])
    })

    it('runs in docker as it was committed', async () => {
      engine = await startDocker()
      await load({ names: ['app:1'], store, engine: 'docker', engineAddress: engine.socket })
      expect(engine.docker('run', '--rm', '--network', 'none', 'app:1').trim().split('\n')).to.deep.equal(
        SEEN,
      )
    })

    it('has names and values of its changes as docker reads them', async () => {
      engine ??= await startDocker()
      const empty = path.join(temporary.folder(), 'empty.tar')
      writeFileSync(empty, Buffer.alloc(1024))
      for (const [instruction, result] of DOCKER_PAIRS) {
        const words = ['--change', 'ENV N=two\\ words', '--change', instruction, empty]
        const made = (): unknown => {
          const id = engine?.docker('import', ...words).trim() ?? ''
          const { Env, Labels } = JSON.parse(engine?.docker('image', 'inspect', id) ?? '')[0].Config
          const variables = Env.slice(1).map((one: string) => one.split(/=(.*)/s).slice(0, 2))
          return Labels ?? Object.fromEntries(variables)
        }
        if (result) expect(made(), instruction).to.deep.equal(result)
        else expect(made, instruction).to.throw()
      }
    })

    it('is unpacked as docker exports it, entry by entry', async () => {
      engine ??= await startDocker()
      await load({ names: ['app:1'], store, engine: 'docker', engineAddress: engine.socket })
      const container = engine.docker('create', 'app:1').trim()
      const [exported, theirs, ours] = ['export.tar', 'exported', 'ours'].map((name) =>
        path.join(temporary.folder(), name),
      ) as [string, string, string]
      engine.docker('export', '--output', exported, container)
      mkdirSync(theirs)
      runPeer('tar', ['-x', '-p', '--numeric-owner', '-C', theirs, '-f', exported])
      await unpack({ name: 'app:1', folder: ours, store })
      expect(withoutDockers(listing(ours))).to.deep.equal(withoutDockers(listing(theirs)))
    })

    it('is in podman what was committed, file by file', async () => {
      podman = await new TestPodman().serve()
      await load({ names: ['app:1'], store, engine: 'podman', engineAddress: podman.socket })
      const mounted = podman.podman('image', 'mount', 'app:1').trim()
      const [now, then] = [root, mounted].map((place) => listing(place).map(withoutTimes))
      podman.podman('image', 'umount', 'app:1')
      expect(then).to.deep.equal(now)
    })

    it('runs in an OCI runtime as it was committed', async () => {
      const bundle = path.join(temporary.folder(), 'run')
      await unpack({ name: 'app:1', folder: bundle, bundle: true, store })
      const config = JSON.parse(readFileSync(path.join(bundle, 'config.json'), 'utf8'))
      expect(config.process.args).to.deep.equal(['/bin/sh', '-c', FACTS])
      // Other mounts than those of an engine may lie over it.
      config.mounts = config.mounts.filter(
        ({ destination }: { destination: string }) => destination !== '/tmp',
      )
      writeFileSync(path.join(bundle, 'config.json'), JSON.stringify(config))
      const seen = runPeer('runc', ['run', '--bundle', bundle, `containerimage-commit-${process.pid}`])
      expect(seen.trim().split('\n')).to.deep.equal(SEEN)
    })
  },
)

/** Podman gives links and the folders that it makes things in the time at which it does. */
function withoutTimes(line: string): string {
  return line.replace(/^(.* (?:40000|120000) \d+ \d+:\d+) \d+/, '$1')
}

function change(root: string): void {
  const at = (name: string): string => path.join(root, name)
  rmSync(at('opt'), { recursive: true })
  writeFileSync(at('opt'), 'a file\n')
  rmSync(at('etc/motd'))
  writeFileSync(at('etc/motd.new'), 'new\n')
  rmSync(at('usr/share/doc'), { recursive: true })
  chmodSync(at('etc/issue'), 0o600)
  chownSync(at('etc/issue'), 12, 34)
  writeFileSync(at('tmp/left'), 'left')
  writeFileSync(at('etc/one'), 'one')
  linkSync(at('etc/one'), at('etc/two'))
  symlinkSync('/nowhere/../etc/passwd', at('etc/out'))
  mkdirSync(at('mnt'), { recursive: true })
  writeFileSync(at('mnt/in'), 'in\n')
}

/** Without what docker puts into every container, and the times of the folders that it puts it into. */
function withoutDockers(lines: string[]): string[] {
  const own = /^\/(\.dockerenv|dev\/.*|proc|sys|etc\/(hosts|hostname|resolv\.conf|mtab)) /
  return lines
    .filter((line) => !own.test(line))
    .map((line) => line.replace(/^(\/(?:etc|dev) \d+ \d+ \d+:\d+) \d+/, '$1'))
}
