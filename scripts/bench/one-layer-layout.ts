import { createHash } from 'node:crypto'
import { closeSync, copyFileSync, mkdirSync, openSync, readSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import {
  configBytes,
  type Descriptor,
  digestOf,
  LAYOUT_BYTES,
  MEDIA_TYPES,
  manifestBytes,
} from '../../manifests/index.js'

/** An OCI layout with one image of one layer, `bench:1.0`. */
export function layoutOfLayer(
  layer: string,
  folder: string,
  { diffId, mediaType }: { diffId: string; mediaType: string },
): void {
  const blobs = path.join(folder, 'blobs', 'sha256')
  mkdirSync(blobs, { recursive: true })
  const digest = sha256Of(layer)
  copyFileSync(layer, path.join(blobs, digest.slice(7)))
  const add = (bytes: Uint8Array, type: string): Descriptor => {
    writeFileSync(path.join(blobs, digestOf(bytes).slice(7)), bytes)
    return { digest: digestOf(bytes), size: bytes.length, mediaType: type }
  }
  const rootfs = { type: 'layers', diff_ids: [diffId] }
  const created = '2024-02-11T00:00:00Z'
  const config = add(
    configBytes({ os: 'linux', architecture: 'amd64', created, rootfs }),
    MEDIA_TYPES.ociConfig,
  )
  const layers = [{ digest, size: statSync(layer).size, mediaType }]
  const manifest = manifestBytes({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers })
  const root = add(manifest, MEDIA_TYPES.ociManifest)
  const annotations = { 'org.opencontainers.image.ref.name': 'bench:1.0' }
  const index = { schemaVersion: 2, manifests: [{ ...root, annotations }] }
  writeFileSync(path.join(folder, 'index.json'), JSON.stringify(index))
  writeFileSync(path.join(folder, 'oci-layout'), LAYOUT_BYTES)
}

/** The digest of a file of any size. */
export function sha256Of(file: string): string {
  const hash = createHash('sha256')
  const buffer = Buffer.alloc(1 << 20)
  const fd = openSync(file, 'r')
  for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer))
    hash.update(buffer.subarray(0, read))
  closeSync(fd)
  return `sha256:${hash.digest('hex')}`
}
