import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  createReadStream,
  createWriteStream,
  type Dirent,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
} from 'node:fs'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { createGzip } from 'node:zlib'
import {
  configBytes,
  type Descriptor,
  digestOf,
  LAYOUT_BYTES,
  MEDIA_TYPES,
  manifestBytes,
} from '../../manifests/index.js'
import { BLOCK, fileHeader, padded } from '../../provider/archives/members/tar-header.js'
import { replaceFile } from '../../provider/io/files/durable.js'

/** Where this machine keeps many files of the kinds that a base image holds. */
const PLACES = ['/usr/lib', '/usr/share', '/usr/bin', '/usr/local', '/usr/libexec', '/usr/include', '/opt']

const LAYERS = 3

export interface BenchImageOptions {
  /**
   * A file larger than this, in bytes, is left out: one large program would make a small image large. Default: a tenth
   * of a layer.
   */
  largest?: number
  places?: string[]
  /** The layers are not compressed. */
  isPlain?: boolean
}

/**
 * Makes an OCI layout with one image of three gzip layers, from this machine's own files.
 * @param size of the uncompressed layers together, in bytes
 * @returns the size that it came out with: larger by as much as the last file of each layer exceeded what was left
 */
export async function makeBenchImage(
  folder: string,
  size: number,
  { largest = size / LAYERS / 10, places = PLACES, isPlain = false }: BenchImageOptions = {},
): Promise<number> {
  mkdirSync(path.join(folder, 'blobs', 'sha256'), { recursive: true })
  const files = walk(places, largest)
  const made: MadeLayer[] = []
  for (let i = 0; i < LAYERS; i++) made.push(await makeLayer(folder, files, size / LAYERS, isPlain))
  const config = await addBlob(
    folder,
    MEDIA_TYPES.ociConfig,
    configBytes({
      os: 'linux',
      architecture: 'amd64',
      created: '2024-02-11T00:00:00Z',
      rootfs: { type: 'layers', diff_ids: made.map((layer) => layer.diffId) },
    }),
  )
  const layers = made.map((layer) => layer.descriptor)
  const manifest = manifestBytes({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers })
  const root = await addBlob(folder, MEDIA_TYPES.ociManifest, manifest)
  const annotations = { 'org.opencontainers.image.ref.name': 'bench:1.0' }
  await replaceFile(
    path.join(folder, 'index.json'),
    Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [{ ...root, annotations }] })),
  )
  await replaceFile(path.join(folder, 'oci-layout'), LAYOUT_BYTES)
  return made.reduce((sum, layer) => sum + layer.unpacked, 0)
}

async function addBlob(folder: string, mediaType: string, bytes: Buffer): Promise<Descriptor> {
  const digest = digestOf(bytes)
  await replaceFile(path.join(folder, 'blobs', 'sha256', digest.slice(7)), bytes)
  return { mediaType, digest, size: bytes.length }
}

interface MadeLayer {
  descriptor: Descriptor
  diffId: string
  /** The size of the tar, in bytes. */
  unpacked: number
}

interface SourceFile {
  path: string
  size: number
}

function* walk(places: string[], largest: number): Generator<SourceFile> {
  for (const place of places) {
    let entries: Dirent[]
    try {
      entries = readdirSync(place, { withFileTypes: true })
    } catch {
      continue
    }
    for (const entry of entries) {
      const name = path.join(place, entry.name)
      if (entry.isDirectory()) yield* walk([name], largest)
      else if (entry.isFile() && name.length < 100) {
        const { size } = statSync(name)
        if (size <= largest) yield { path: name, size }
      }
    }
  }
}

async function makeLayer(
  folder: string,
  files: Generator<SourceFile>,
  size: number,
  isPlain: boolean,
): Promise<MadeLayer> {
  const temporary = path.join(folder, 'layer.new')
  const packed = isPlain ? new PassThrough() : createGzip({ level: 6, chunkSize: 1024 * 1024 })
  const output = createWriteStream(temporary)
  const plain = createHash('sha256')
  packed.pipe(output)
  const put = async (bytes: Buffer): Promise<void> => {
    plain.update(bytes)
    if (!packed.write(bytes)) await once(packed, 'drain')
  }
  let total = 0
  // Not for-of: leaving it would end the walk, and the next layer continues where this one stops.
  for (let next = files.next(); !next.done; next = files.next()) {
    const file = next.value
    await put(fileHeader(file.path.slice(1), file.size))
    for await (const chunk of createReadStream(file.path, { highWaterMark: 1024 * 1024 }))
      await put(chunk as Buffer)
    await put(Buffer.alloc(padded(file.size) - file.size))
    total += BLOCK + padded(file.size)
    if (total >= size) break
  }
  await put(Buffer.alloc(2 * BLOCK))
  packed.end()
  await once(output, 'finish')
  const compressed = createHash('sha256')
  for await (const chunk of createReadStream(temporary, { highWaterMark: 1024 * 1024 }))
    compressed.update(chunk as Buffer)
  const hex = compressed.digest('hex')
  const target = path.join(folder, 'blobs', 'sha256', hex)
  renameSync(temporary, target)
  return {
    descriptor: {
      mediaType: isPlain ? MEDIA_TYPES.ociLayer : MEDIA_TYPES.ociLayerGzip,
      digest: `sha256:${hex}`,
      size: statSync(target).size,
    },
    diffId: `sha256:${plain.digest('hex')}`,
    unpacked: total + 2 * BLOCK,
  }
}
