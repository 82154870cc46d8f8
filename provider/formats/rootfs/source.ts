import {
  ANNOTATIONS,
  ContainerImageError,
  command,
  configBytes,
  type Descriptor,
  type Digest,
  digestOf,
  type ImageConfig,
  MEDIA_TYPES,
  manifestBytes,
  option,
  type Platform,
  parsePlatform,
  platform,
  present,
  taken,
} from '../../../manifests/index.js'
import type { FileCompression } from '../../archives/members/compression.js'
import { noSuchImage } from '../../copy/no-such-image.js'
import type { ImageCollection } from '../../copy/ports.js'
import type { Bytes, ReadOptions } from '../../io/bytes.js'
import { readRange } from '../../io/files/read-range.js'
import { parseOsRelease } from '../../names/os-release.js'
import { examineRootfs, type RootfsFacts, unpacked } from './examine.js'
import { LAST_SECOND } from './held-times.js'
import { mendedTar } from './mended-tar.js'

export interface RootfsOptions {
  name?: string
  version?: string
  platform?: string
  /** It need not say its name and version: it is only read, and gets no name in a store. */
  mayBeUnknown?: boolean
  signal?: AbortSignal
}

/**
 * The tarball of a root filesystem as an image of one layer. Plain and gzip files become the layer as they
 * are; xz and zstd ones, which engines do not all take, become an uncompressed layer. Name, version and
 * platform are what the options say, else what the system's os-release and its programs say. Anything in it
 * that no engine accepts but that can be mended without losing anything is mended, with a note.
 * @throws ARCHIVE_INVALID, UNSAFE_NAME, ARCHIVE_UNKNOWN if name, version or platform stay unknown
 */
export async function rootfsSource(
  path: string,
  kind: FileCompression,
  options: RootfsOptions,
): Promise<ImageCollection> {
  const facts = await examineRootfs(path, kind, options.signal)
  const identity = identify(path, facts, options)
  const layer = layerOf(facts, kind)
  const documents = describe(layer, facts, identity.platform)
  const root = documents.manifest.descriptor
  const annotations = present({
    [ANNOTATIONS.name]: identity.name || undefined,
    [ANNOTATIONS.imageVersion]: identity.version || undefined,
    [ANNOTATIONS.publisher]: identity.publisher || undefined,
  })
  const inMemory = new Map<Digest, Uint8Array>(
    Object.values(documents).map(({ descriptor, bytes }) => [descriptor.digest, bytes]),
  )
  const asItIs = layer.digest === facts.fileDigest
  const isNamed = identity.name !== undefined && identity.version !== undefined
  const refName = isNamed ? `${identity.name?.toLowerCase()}:${identity.version}` : undefined
  return {
    label: path,
    format: 'root filesystem',
    concurrency: 1,
    async images() {
      return [{ root, annotations, refName }]
    },
    async resolve(name) {
      if (name === root.digest || name === refName) return root
      throw noSuchImage(path, name, { side: 'source' })
    },
    async *read(descriptor: Descriptor, { from = 0, signal }: ReadOptions = {}): Bytes {
      const bytes = inMemory.get(descriptor.digest)
      const whole = { path, offset: 0, size: facts.fileSize }
      if (bytes) yield bytes.subarray(from)
      else if (descriptor.digest !== layer.digest) throw noBlob(path, descriptor)
      else if (asItIs) yield* readRange(whole, { from, signal })
      else yield* skipping(tarOf(path, facts, kind, signal), from)
    },
    async locate(descriptor) {
      const isLayer = descriptor.digest === layer.digest
      return isLayer && asItIs ? { path, offset: 0, size: facts.fileSize } : undefined
    },
    notes: () => facts.mend.notes,
    async close() {},
  }
}

function tarOf(path: string, facts: RootfsFacts, kind: FileCompression, signal?: AbortSignal): Bytes {
  const tar = unpacked(path, facts.fileSize, kind, signal)
  return facts.mend.notes.length > 0 ? mendedTar(tar, facts.mend, path) : tar
}

function noBlob(path: string, { digest }: Descriptor): ContainerImageError {
  return new ContainerImageError('BLOB_MISSING', `${path} has no blob ${digest}.`, {
    side: 'source',
    expected: digest,
    found: 'nothing',
  })
}

async function* skipping(bytes: Bytes, count: number): Bytes {
  let left = count
  for await (const chunk of bytes) {
    if (left < chunk.length) yield left > 0 ? chunk.subarray(left) : chunk
    left = Math.max(0, left - chunk.length)
  }
}

/** Name and version are undefined if nothing gives them. */
interface Identity {
  name: string | undefined
  version: string | undefined
  publisher?: string
  platform: Platform
}

function identify(path: string, facts: RootfsFacts, options: RootfsOptions): Identity {
  const release = parseOsRelease(facts.osRelease ?? '')
  const name = options.name ?? release.ID
  const version = options.version ?? release.VERSION_ID ?? release.BUILD_ID
  const { mayBeUnknown = false } = options
  if (!name && !mayBeUnknown) throw unknown(path, 'name')
  if (!version && !mayBeUnknown) throw unknown(path, 'version')
  return {
    name,
    version,
    platform: platformOfRootfs(path, facts, options, version ?? ''),
    publisher: release.NAME && !options.name ? vendorOf(release.NAME) : undefined,
  }
}

/** `Debian GNU/Linux` is published by Debian: a full name has no blanks. */
function vendorOf(name: string): string {
  return name.split(/[\s/]+/)[0] ?? name
}

function platformOfRootfs(
  path: string,
  facts: RootfsFacts,
  options: RootfsOptions,
  version: string,
): Platform {
  if (options.platform) return parsePlatform(options.platform)
  if (facts.isWindows)
    return platform('windows', 'amd64', undefined, /^\d+(\.\d+){3}$/.test(version) ? version : undefined)
  if (!facts.architecture && options.mayBeUnknown) return platform('linux', 'unknown')
  if (!facts.architecture) throw unknown(path, 'platform')
  return platform('linux', facts.architecture, facts.architecture === 'arm' ? 'v7' : undefined)
}

function unknown(path: string, what: 'name' | 'version' | 'platform'): ContainerImageError {
  return new ContainerImageError('ARCHIVE_UNKNOWN', `${path} does not say its ${what}.`, {
    side: 'source',
    expected: `a ${what} in etc/os-release or in its programs`,
    found: 'none',
    remedy:
      taken(what) === undefined
        ? `${command('install')} takes it with ${option(what)}.`
        : `Give it with ${option(what)}.`,
  })
}

function layerOf(facts: RootfsFacts, kind: FileCompression): Descriptor {
  if (kind === 'gzip' && facts.mend.notes.length === 0)
    return { mediaType: MEDIA_TYPES.ociLayerGzip, digest: facts.fileDigest, size: facts.fileSize }
  return { mediaType: MEDIA_TYPES.ociLayer, digest: facts.diffId, size: facts.tarSize }
}

interface MadeDocument {
  descriptor: Descriptor
  bytes: Uint8Array
}

function describe(
  layer: Descriptor,
  facts: RootfsFacts,
  target: Platform,
): { config: MadeDocument; manifest: MadeDocument } {
  const created = new Date(Math.min(Math.max(0, facts.newest), LAST_SECOND) * 1000).toISOString()
  const config: ImageConfig = {
    ...target,
    created,
    config: runSettings(facts),
    rootfs: { type: 'layers', diff_ids: [facts.diffId] },
    history: [{ created, created_by: 'containerimage install', comment: 'tarball of a root filesystem' }],
  }
  const madeConfig = made(MEDIA_TYPES.ociConfig, configBytes(config))
  const manifest = manifestBytes({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: madeConfig.descriptor,
    layers: [layer],
  })
  return { config: madeConfig, manifest: made(MEDIA_TYPES.ociManifest, manifest) }
}

/** What the base images of the distributions have: a path, and a shell to begin with. */
function runSettings(facts: RootfsFacts): NonNullable<ImageConfig['config']> {
  if (facts.isWindows) return { Cmd: ['c:\\windows\\system32\\cmd.exe'] }
  return {
    Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    Cmd: facts.hasShell ? ['/bin/sh'] : undefined,
  }
}

function made(mediaType: string, bytes: Uint8Array): MadeDocument {
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } }
}
