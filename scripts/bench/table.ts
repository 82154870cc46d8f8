import type { NeededProgram } from './programs.js'

/** One thing that is measured, under a name of its own. */
export interface Bench {
  name: string
  about: string
  /** Without these nothing is measured. */
  needs: NeededProgram[]
  /** If these are missing, a part is left out. */
  wants?: NeededProgram[]
  /** What else is required but not the case, in words; undefined if nothing is lacking. */
  lacks?(): string | undefined
  load(): Promise<{ run(): Promise<void> }>
}

const SKOPEO: NeededProgram = { name: 'skopeo', version: ['--version'] }
const OPENSSL: NeededProgram = { name: 'openssl', version: ['version'] }
const REGISTRY: NeededProgram = { name: 'docker-registry', version: ['--version'] }
const SEVEN_ZIP: NeededProgram = { name: '7zz', version: ['i'], package: '7zip' }

/** Everything that is measured. The options of each are described in its file. */
export const BENCHES: readonly Bench[] = [
  {
    name: 'copy',
    about: 'the main job: a registry, an archive, a store, each beside skopeo, cp and openssl',
    needs: [SKOPEO, OPENSSL, REGISTRY],
    load: () => import('./copy.js'),
  },
  {
    name: 'start',
    about: 'the start of each form of the program beside a bare Node',
    needs: [],
    load: () => import('./start.js'),
  },
  {
    name: 'commands',
    about: 'the usual commands of this build, and with --other PROGRAM of another one in turn',
    needs: [],
    load: () => import('./commands.js'),
  },
  {
    name: 'push',
    about: 'push beside skopeo, to a docker-registry',
    needs: [SKOPEO, REGISTRY],
    load: () => import('./push.js'),
  },
  {
    name: 'requests',
    about: 'how many requests a docker-registry gets, beside skopeo',
    needs: [SKOPEO, REGISTRY],
    load: () => import('./requests.js'),
  },
  {
    name: 'window',
    about: 'the frames of a table of many images in the window, while it is scrolled, in Chromium',
    needs: [{ name: 'chromium', version: ['--version'] }],
    load: () => import('./window.js'),
  },
  {
    name: 'serve',
    about: 'serve beside nginx with sendfile, ten hosts at once (root)',
    needs: [
      { name: 'nginx', version: ['-v'], package: 'nginx-light' },
      { name: 'curl', version: ['--version'] },
      { name: 'ip', version: ['-V'], package: 'iproute2' },
    ],
    lacks: () => (process.getuid?.() === 0 ? undefined : 'root, for network namespaces'),
    load: () => import('./serve.js'),
  },
  {
    name: 'wim',
    about: 'verify, install and save of WIMs beside wimlib-imagex; then the fuzzer',
    needs: [{ name: 'wimlib-imagex', version: ['--version'], package: 'wimtools' }],
    wants: [SEVEN_ZIP],
    load: () => import('./wim.js'),
  },
  {
    name: 'carry',
    about: 'a media, volumes, zip and 7z beside skopeo, tar, sha256sum and 7-Zip',
    needs: [SKOPEO, OPENSSL, { name: 'tar', version: ['--version'] }, SEVEN_ZIP],
    load: () => import('./carry.js'),
  },
  {
    name: 'recovery',
    about: 'recovery files beside par2',
    needs: [{ name: 'par2', version: ['--version'] }],
    load: () => import('./recovery.js'),
  },
  {
    name: 'unpack',
    about: 'an image into a folder, beside umoci, and gzip with tar; its files listed',
    needs: [{ name: 'tar', version: ['--version'] }],
    wants: [{ name: 'umoci', version: ['--version'] }],
    load: () => import('./unpack.js'),
  },
  {
    name: 'packages',
    about: 'the packages of a Debian and of an image of many files, beside trivy',
    needs: [
      { name: 'mmdebstrap', version: ['--version'] },
      { name: 'gzip', version: ['--version'] },
    ],
    wants: [
      { name: 'trivy', version: ['--version'], package: 'none; the environment variable TRIVY names it' },
    ],
    load: () => import('./packages.js'),
  },
  {
    name: 'vulnerabilities',
    about: 'the packages of a Debian against a database of 200,000 advisories, and making that',
    needs: [],
    load: () => import('./vulnerabilities.js'),
  },
  {
    name: 'signatures',
    about: 'judging a thousand images by their signatures, of each kind',
    needs: [],
    load: () => import('./signatures.js'),
  },
  {
    name: 'many',
    about: 'what many images, repositories and tags cost each verb, as their number doubles',
    needs: [],
    load: () => import('./many.js'),
  },
  {
    name: 'growth',
    about: 'what each job takes at a tenth, once and ten times a size, with a plot of it',
    needs: [],
    load: () => import('./growth.js'),
  },
  {
    name: 'engine',
    about: 'loading into docker beside docker load',
    needs: [
      { name: 'docker', version: ['--version'], package: 'docker.io' },
      { name: 'dockerd', version: ['--version'], package: 'docker.io' },
    ],
    load: () => import('./engine.js'),
  },
  {
    name: 'podman',
    about: 'loading into podman by its socket beside podman load',
    needs: [{ name: 'podman', version: ['--version'] }],
    load: () => import('./podman.js'),
  },
  {
    name: 'memory',
    about: 'peak memory for a large layer, an index of many platforms, an archive of many members',
    needs: [],
    load: () => import('./memory.js'),
  },
  {
    name: 'delta',
    about: 'deltas of layers beside a save and an install, and beside xdelta3, zstd and casync',
    needs: [
      SKOPEO,
      { name: 'gzip', version: ['--version'] },
      { name: 'zstd', version: ['--version'] },
      { name: 'mmdebstrap', version: ['--version'] },
    ],
    wants: [
      { name: 'xdelta3', version: ['-V'] },
      { name: 'casync', version: ['--version'] },
    ],
    load: () => import('./delta.js'),
  },
]
