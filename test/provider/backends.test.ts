import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { type ImageIndex, parseReference } from '../../manifests/index.js'
import { copy } from '../../provider/copy/copy.js'
import { planCopy } from '../../provider/copy/plan.js'
import type { ImageCollection } from '../../provider/copy/ports.js'
import type { ArchiveFormat } from '../../provider/formats/in-place/formats.js'
import { archiveSink } from '../../provider/formats/in-place/tar-sink.js'
import { openPath } from '../../provider/formats/open/open-path.js'
import { SevenZipSink } from '../../provider/formats/seven-zip/sink.js'
import { ZipSink } from '../../provider/formats/zip/sink.js'
import { Hasher } from '../../provider/io/hashing/hasher.js'
import { RegistryClient } from '../../provider/registry/client.js'
import { Mounts } from '../../provider/registry/push/mounts.js'
import { registrySink } from '../../provider/registry/push/sink.js'
import { openRegistrySource } from '../../provider/registry/source.js'
import { storeSink } from '../../provider/store/sink.js'
import { storeAt } from '../../provider/store/store.js'
import { tarOf } from '../fixtures/layout.js'
import { openLayout, type Sample } from '../fixtures/sample.js'
import { type DockerRegistry, startDockerRegistry } from '../peers/docker-registry.js'
import { describeWithPeers, peer, runPeer } from '../peers/peers.js'
import { conformsAsCollection, conformsAsSink, conformsAsSource, type OpenedSource } from './conformance.js'

type Make = (folder: string, sample: Sample) => Promise<ImageCollection>

const hasher = new Hasher()

/** Copies the sample to an archive, together with the artifact where the format takes it. */
async function archiveOf(folder: string, sample: Sample, format: ArchiveFormat): Promise<string> {
  const file = path.join(folder, `${format}.tar`)
  const source = await openLayout(sample.folder)
  const plan = await planCopy(source, [
    { root: sample.root, names: [{ repository: 'base', tag: '1.2.3' }], annotations: {} },
    { root: sample.artifact, names: [], annotations: {} },
  ])
  await copy(source, plan, archiveSink(file, { format, force: false, hasher }), { task: 'test' })
  return file
}

const compressed =
  (ending: string, compress: (file: string) => void): Make =>
  async (folder, sample) => {
    const file = await archiveOf(folder, sample, 'oci-archive')
    compress(file)
    return await openPath(file + ending)
  }

async function directoryOf(folder: string, sample: Sample): Promise<ImageCollection> {
  const target = path.join(folder, 'directory')
  mkdirSync(target)
  writeFileSync(path.join(target, 'version'), 'Directory Transport Version: 1.1\n')
  const blobs = path.join(sample.folder, 'blobs', 'sha256')
  for (const hex of readdirSync(blobs)) cpSync(path.join(blobs, hex), path.join(target, hex))
  cpSync(path.join(blobs, sample.root.digest.slice(7)), path.join(target, 'manifest.json'))
  return await openPath(target)
}

function rootfs(): Buffer {
  return tarOf({
    'etc/os-release': 'ID=base\nVERSION_ID=1.2.3\n',
    'bin/sh': elf(),
    'usr/share/large': 5_000_000,
  })
}

/** The head of a program for amd64. */
function elf(): Buffer {
  const head = Buffer.alloc(64)
  head.write('\x7fELF\x02\x01\x01', 'latin1')
  head.writeUInt16LE(62, 18)
  return head
}

const rootfsFile =
  (name: string, bytes: () => Buffer, then: (file: string) => string = (file) => file): Make =>
  async (folder) => {
    const file = path.join(folder, name)
    writeFileSync(file, bytes())
    return await openPath(then(file))
  }

async function storeWith(folder: string, sample: Sample): Promise<ImageCollection> {
  const root = path.join(folder, 'store')
  const source = await openLayout(sample.folder)
  const plan = await planCopy(source, [
    { root: sample.root, names: [{ repository: 'base', tag: '1.2.3' }], annotations: {} },
    { root: sample.artifact, names: [], annotations: {} },
  ])
  await copy(source, plan, storeSink(storeAt(root), hasher), { task: 'test' })
  return await openLayout(root)
}

function entriesIn(root: string): ImageIndex['manifests'] {
  const file = path.join(root, 'index.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ImageIndex).manifests : []
}

function has(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0
}

/** The sample in a zip or 7z of ours. */
const packed =
  (ending: 'zip' | '7z'): Make =>
  async (folder, sample) => {
    const file = path.join(folder, `made.${ending}`)
    const source = await openLayout(sample.folder)
    const plan = await planCopy(source, [
      { root: sample.root, names: [{ repository: 'base', tag: '1.2.3' }], annotations: {} },
      { root: sample.artifact, names: [], annotations: {} },
    ])
    await copy(source, plan, packedSink(ending, file, hasher), { task: 'test' })
    return await openPath(file, { scratch: async () => folder })
  }

function packedSink(ending: 'zip' | '7z', file: string, own: Hasher): ZipSink | SevenZipSink {
  const options = { force: false, hasher: own }
  return ending === 'zip' ? new ZipSink(file, options) : new SevenZipSink(file, options)
}

const layouts: Record<string, Make> = {
  'an OCI layout in a folder': (_folder, sample) => openPath(sample.folder),
  'an OCI archive': async (folder, sample) => await openPath(await archiveOf(folder, sample, 'oci-archive')),
  'an OCI archive, compressed with gzip': compressed('.gz', (file) =>
    writeFileSync(`${file}.gz`, gzipSync(readFileSync(file))),
  ),
  ...(has('xz')
    ? { 'an OCI archive, compressed with xz': compressed('.xz', (f) => void execFileSync('xz', ['-1kf', f])) }
    : {}),
  ...(has('zstd')
    ? {
        'an OCI archive, compressed with zstd': compressed(
          '.zst',
          (f) => void execFileSync('zstd', ['-qkf', f]),
        ),
      }
    : {}),
  'the store': storeWith,
  'a zip': packed('zip'),
  'a 7z': packed('7z'),
  ...(peer('7zz')
    ? {
        'a zip, deflated by a peer': async (folder: string, sample: Sample) => {
          const file = path.join(folder, 'deflated.zip')
          execFileSync('7zz', ['a', '-tzip', '-mx1', file, '.'], { cwd: sample.folder })
          return await openPath(file)
        },
      }
    : {}),
}

const others: Record<string, Make> = {
  'a docker archive': async (folder, sample) =>
    await openPath(await archiveOf(folder, sample, 'docker-archive')),
  'a docker archive, compressed with gzip': async (folder, sample) => {
    const file = await archiveOf(folder, sample, 'docker-archive')
    writeFileSync(`${file}.gz`, gzipSync(readFileSync(file)))
    return await openPath(`${file}.gz`)
  },
  "skopeo's directory": directoryOf,
  'the tarball of a root filesystem': rootfsFile('rootfs.tar', rootfs),
  'the tarball of a root filesystem, compressed with gzip': rootfsFile('rootfs.tar.gz', () =>
    gzipSync(rootfs()),
  ),
  ...(has('xz')
    ? {
        'the tarball of a root filesystem, compressed with xz': rootfsFile('rootfs.tar', rootfs, (file) => {
          execFileSync('xz', ['-1k', file])
          return `${file}.xz`
        }),
      }
    : {}),
}

async function asSource(collection: ImageCollection): Promise<OpenedSource> {
  const [image] = await collection.images()
  if (!image) throw new Error('no image')
  return { source: collection, root: image.root, ...(image.refName ? { name: image.refName } : {}) }
}

for (const [title, make] of Object.entries(layouts)) {
  conformsAsSource(title, async (folder, sample) => asSource(await make(folder, sample)), { referrers: true })
  conformsAsCollection(title, make)
}

for (const [title, make] of Object.entries(others)) {
  conformsAsSource(title, async (folder, sample) => asSource(await make(folder, sample)))
  conformsAsCollection(title, make)
}

describeWithPeers(['docker-registry', 'skopeo'], 'a registry', () => {
  let registry: DockerRegistry
  const client = new RegistryClient({})

  after(async () => {
    await client.close()
    await registry?.stop()
  })

  conformsAsSource(
    'docker-registry',
    async (_folder, sample) => {
      registry = await startDockerRegistry()
      const reference = `${registry.host}/some/base:1.2.3`
      const from = `oci:${sample.folder}:base:1.2.3`
      runPeer('skopeo', ['copy', '--quiet', '--dest-tls-verify=false', from, `docker://${reference}`])
      const source = openRegistrySource(client, parseReference(reference))
      return { source, root: await source.resolve('1.2.3'), name: '1.2.3' }
    },
    { missing: 'NOT_FOUND' },
  )
})

describeWithPeers(['docker-registry'], 'a registry that is pushed to', () => {
  let registry: DockerRegistry
  const client = new RegistryClient({ environment: {} })

  before(async () => {
    registry = await startDockerRegistry()
  })

  after(async () => {
    await client.close()
    await registry.stop()
  })

  conformsAsSink(
    'docker-registry',
    (place) => {
      const repository = `pushed/${path
        .basename(place)
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '')}`
      const tag = `docker/registry/v2/repositories/${repository}/_manifests/tags/1.2.3/current/link`
      const reference = parseReference(`${registry.host}/${repository}:1.2.3`)
      return {
        sink: registrySink({ client, registry: registry.host, repository, insecure: false }, new Mounts()),
        isVisible: () => existsSync(path.join(registry.folder, tag)),
        open: async () => openRegistrySource(client, reference),
      }
    },
    { continues: 'with whole blobs' },
  )
})

conformsAsSink('the store', (place, own) => ({
  sink: storeSink(storeAt(path.join(place, 'store')), own),
  isVisible: () => entriesIn(path.join(place, 'store')).length > 0,
  open: () => openLayout(path.join(place, 'store')),
}))

for (const format of ['oci-archive', 'docker-archive'] as const)
  conformsAsSink(`an archive in the format ${format}`, (place, own) => ({
    sink: archiveSink(path.join(place, 'made.tar'), { format, force: false, hasher: own }),
    isVisible: () => existsSync(path.join(place, 'made.tar')),
    open: () => openPath(path.join(place, 'made.tar')),
  }))

for (const ending of ['zip', '7z'] as const)
  conformsAsSink(
    `a ${ending}`,
    (place, own) => ({
      sink: packedSink(ending, path.join(place, `made.${ending}`), own),
      isVisible: () => existsSync(path.join(place, `made.${ending}`)),
      open: () => openPath(path.join(place, `made.${ending}`), { scratch: async () => place }),
    }),
    ending === '7z' ? { continues: false } : {},
  )

after(() => hasher.close())
