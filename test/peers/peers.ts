import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import path from 'node:path'

/** The image-spec's documents, schemas and tests, as Debian's golang-github-opencontainers-image-spec-dev has them. */
const IMAGE_SPEC = '/usr/share/gocode/src/github.com/opencontainers/image-spec'

/** PowerShell 7, as test/powershell/host/build.sh makes it with the .NET SDK. */
const POWERSHELL = path.resolve('dist/powershell-host/pwsh')

/** Real programs that the tests run beside ours, and the specification whose examples they read. */
export const PEERS = [
  'docker-registry',
  'skopeo',
  'umoci',
  'podman',
  'docker',
  'dockerd',
  'containerd',
  'ctr',
  'crun',
  'runc',
  'mmdebstrap',
  'image-spec',
  'wimlib-imagex',
  '7zz',
  'mkntfs',
  'ntfscat',
  'ntfs-3g',
  'setfattr',
  'getfattr',
  'chromium',
  'firefox-esr',
  'mcopy',
  'mkfs.vfat',
  'par2',
  'zip',
  'unzip',
  'python3',
  'tar',
  'curl',
  'cc',
  'strace',
  'rpm',
  'rpmbuild',
  'db5.3_load',
  'dpkg-query',
  'sqlite3',
  'trivy',
  'powershell',
  'sh',
  'dpkg',
  'debsecan',
  'minisign',
  'sha256sum',
  'age',
  'age-keygen',
  'clamscan',
  'unshare',
] as const

export type Peer = (typeof PEERS)[number]

export type Program = Exclude<Peer, 'image-spec' | 'powershell'>

const found = new Map<string, string | undefined>()

/** The path of a program, or the folder of the specification; undefined where it is not on this machine. */
export function peer(name: Peer): string | undefined {
  if (!found.has(name)) found.set(name, placeOf(name))
  return found.get(name)
}

function placeOf(name: Peer): string | undefined {
  if (name === 'image-spec') return imageSpec()
  if (name === 'powershell') return existsSync(POWERSHELL) ? POWERSHELL : undefined
  // A package for npm carries it, whose names for it are its own.
  if (name === 'trivy') return process.env.TRIVY ?? onPath(name)
  return onPath(name)
}

/** The folder of the OCI image-spec, or undefined where its package is not installed. */
export function imageSpec(): string | undefined {
  return existsSync(path.join(IMAGE_SPEC, 'schema')) ? IMAGE_SPEC : undefined
}

/** The path of any program; undefined where the PATH has none of that name. */
export function onPath(name: string): string | undefined {
  const isWindows = process.platform === 'win32'
  const more = isWindows ? [] : ['/usr/sbin', '/sbin']
  for (const folder of [...(process.env.PATH ?? '').split(path.delimiter), ...more]) {
    const candidate = path.join(folder, isWindows ? `${name}.exe` : name)
    try {
      accessSync(candidate, constants.X_OK)
      return candidate
    } catch {
      // not here; look in the next folder
    }
  }
  return undefined
}

/**
 * A group of tests that needs peers: skipped where one is missing, failed where REQUIRE_PEERS is set.
 * The line that names the missing peer is printed once, by scripts/test.
 */
export function describeWithPeers(peers: Peer[], title: string, body: (this: Mocha.Suite) => void): void {
  const missing = peers.filter((name) => peer(name) === undefined)
  if (missing.length === 0) describe(title, body)
  else if (process.env.REQUIRE_PEERS)
    describe(title, () => {
      it('finds its peers', () => {
        throw new Error(`missing: ${missing.join(', ')}`)
      })
    })
  else describe.skip(`${title} (missing: ${missing.join(', ')})`, body)
}

/** Runs a peer to its end; throws with what it printed where it fails. */
export function runPeer(
  name: Program,
  args: string[],
  options: { input?: Buffer; env?: NodeJS.ProcessEnv } = {},
): string {
  const program = peer(name)
  if (!program) throw new Error(`${name} is not on the PATH`)
  const result = spawnSync(program, args, {
    input: options.input,
    env: options.env ?? process.env,
    maxBuffer: 1 << 28,
  })
  if (result.status !== 0)
    throw new Error(`${name} ${args.join(' ')} ended with ${result.status}: ${result.stderr}${result.stdout}`)
  return result.stdout.toString('utf8')
}
