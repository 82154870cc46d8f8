import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createGzip } from 'node:zlib'
import {
  ANNOTATIONS,
  blobPath,
  configBytes,
  type Digest,
  LAYOUT_BYTES,
  MEDIA_TYPES,
  manifestBytes,
} from '../../manifests/index.js'
import { fileHeader } from '../../provider/archives/members/tar-header.js'
import { addBlob, writeIndex } from '../../test/fixtures/layout.js'

const FILE_BYTES = 1e9
const PIECE_BYTES = 1024 * 1024

/**
 * Makes a layout with one image of one layer, of files of a gigabyte in which everything repeats.
 * @param size of the layer, unpacked, in bytes
 * @returns its size as it is stored
 */
export async function makeLargeLayer(folder: string, size: number): Promise<number> {
  mkdirSync(path.join(folder, 'blobs', 'sha256'), { recursive: true })
  writeFileSync(path.join(folder, 'oci-layout'), LAYOUT_BYTES)
  const file = path.join(folder, 'layer')
  const { plain, kept, stored } = await writeLayer(file, size)
  renameSync(file, path.join(folder, blobPath(kept)))
  const rootfs = { type: 'layers', diff_ids: [plain] }
  const config = addBlob(
    folder,
    MEDIA_TYPES.ociConfig,
    configBytes({ os: 'linux', architecture: 'amd64', rootfs }),
  )
  const layers = [{ mediaType: MEDIA_TYPES.ociLayerGzip, digest: kept, size: stored }]
  const manifest = manifestBytes({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers })
  const root = addBlob(folder, MEDIA_TYPES.ociManifest, manifest)
  writeIndex(folder, [{ ...root, annotations: { [ANNOTATIONS.refName]: 'large:1.0' } }])
  return stored
}

async function writeLayer(
  file: string,
  size: number,
): Promise<{ plain: Digest; kept: Digest; stored: number }> {
  const [gzip, plain, kept] = [createGzip({ level: 1 }), createHash('sha256'), createHash('sha256')]
  let stored = 0
  gzip.on('data', (chunk: Buffer) => {
    kept.update(chunk)
    stored += chunk.length
  })
  const output = createWriteStream(file)
  gzip.pipe(output)
  const put = async (bytes: Buffer): Promise<void> => {
    plain.update(bytes)
    if (!gzip.write(bytes)) await once(gzip, 'drain')
  }
  const piece = Buffer.alloc(PIECE_BYTES, createHash('sha512').update('piece').digest())
  for (let done = 0; done < size; done += FILE_BYTES) {
    const pieces = Math.ceil(Math.min(FILE_BYTES, size - done) / PIECE_BYTES)
    await put(fileHeader(`usr/large${done / FILE_BYTES}`, pieces * PIECE_BYTES))
    for (let i = 0; i < pieces; i++) await put(piece)
  }
  await put(Buffer.alloc(1024))
  gzip.end()
  await once(output, 'finish')
  return { plain: `sha256:${plain.digest('hex')}`, kept: `sha256:${kept.digest('hex')}`, stored }
}
