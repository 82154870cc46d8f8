import { createHash, randomFillSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Descriptor, digestOf, MEDIA_TYPES } from '../../../manifests/index.js'
import { runPeer } from '../../peers/peers.js'

/** An image of two layers of a few hundred KB, in an OCI layout of its own. */
export interface SmallImage {
  layout: string
  manifest: Descriptor
  manifestBytes: Buffer
  config: Descriptor
  layers: { descriptor: Descriptor; bytes: Buffer }[]
}

/** Writes an image into `layout`, tagged `image` there. Its layers are random, so that gzip cannot shrink them. */
export function makeSmallImage(layout: string, sizes = [300_000, 150_000]): SmallImage {
  mkdirSync(path.join(layout, 'blobs/sha256'), { recursive: true })
  const tars = sizes.map((size) => tarOf('data', randomFillSync(Buffer.alloc(size))))
  const layers = tars.map((tar) => writeBlob(layout, gzipSync(tar, { level: 1 }), MEDIA_TYPES.ociLayerGzip))
  const config = writeBlob(layout, configOf(tars), MEDIA_TYPES.ociConfig)
  const manifest = writeBlob(
    layout,
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.ociManifest,
        config: config.descriptor,
        layers: layers.map((l) => l.descriptor),
      }),
    ),
    MEDIA_TYPES.ociManifest,
  )
  writeFileSync(path.join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  const named = { ...manifest.descriptor, annotations: { 'org.opencontainers.image.ref.name': 'image' } }
  writeFileSync(path.join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [named] }))
  return {
    layout,
    manifest: manifest.descriptor,
    manifestBytes: manifest.bytes,
    config: config.descriptor,
    layers,
  }
}

/** Pushes the image with skopeo, as it is. */
export function push(image: SmallImage, reference: string, ...options: string[]): void {
  runPeer('skopeo', [
    'copy',
    '--quiet',
    '--preserve-digests',
    '--dest-tls-verify=false',
    ...options,
    `oci:${image.layout}:image`,
    `docker://${reference}`,
  ])
}

function writeBlob(
  layout: string,
  bytes: Buffer,
  mediaType: string,
): { descriptor: Descriptor; bytes: Buffer } {
  const digest = digestOf(bytes)
  writeFileSync(path.join(layout, 'blobs/sha256', digest.slice('sha256:'.length)), bytes)
  return { descriptor: { mediaType, digest, size: bytes.length }, bytes }
}

function configOf(tars: Buffer[]): Buffer {
  const ids = tars.map((tar) => `sha256:${createHash('sha256').update(tar).digest('hex')}`)
  return Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: ids },
      history: ids.map(() => ({ created_by: 'test' })),
    }),
  )
}

/** A tar of one file (POSIX ustar). */
export function tarOf(name: string, bytes: Buffer): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write('0000644\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136)
  header.write('        ', 148)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((a, b) => a + b, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const padding = Buffer.alloc((512 - (bytes.length % 512)) % 512)
  return Buffer.concat([header, bytes, padding, Buffer.alloc(1024)])
}
