import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type Descriptor, digestOf, MEDIA_TYPES } from '../../manifests/index.js'
import { addBlob, tarOf } from '../fixtures/layout.js'

/** A layout whose documents an attack writes as it likes: nothing is checked here. */
export interface Documents {
  folder: string
  /** Puts a document, or bytes as they are, into the layout; its descriptor is right. */
  put(mediaType: string, document: unknown): Descriptor
  /** A whole image of one layer; returns the parts of its manifest. */
  parts(): { config: Descriptor; layer: Descriptor; manifest: object }
  /** Writes `index.json`. */
  index(document: unknown): void
  /** An index with one entry, under the name `evil:1.0`. */
  entry(root: object): void
}

export function documents(folder: string): Documents {
  mkdirSync(path.join(folder, 'blobs', 'sha256'), { recursive: true })
  writeFileSync(path.join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  const made: Documents = {
    folder,
    put: (mediaType, document) => addBlob(folder, mediaType, bytesOf(document)),
    parts() {
      const tar = tarOf({ 'etc/evil': 'evil' })
      const layer = made.put(MEDIA_TYPES.ociLayer, tar)
      const config = made.put(MEDIA_TYPES.ociConfig, configFor([digestOf(tar)]))
      const manifest = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers: [layer] }
      return { config, layer, manifest }
    },
    index: (document) => writeFileSync(path.join(folder, 'index.json'), bytesOf(document)),
    entry: (root) => made.index({ schemaVersion: 2, manifests: [named(root)] }),
  }
  return made
}

export function configFor(diffIds: string[]): object {
  return { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: diffIds } }
}

/** An entry of an index under a name. */
export function named(root: object, name = 'evil:1.0'): object {
  return { ...root, annotations: { 'org.opencontainers.image.ref.name': name } }
}

function bytesOf(document: unknown): Buffer {
  if (Buffer.isBuffer(document)) return document
  return Buffer.from(typeof document === 'string' ? document : JSON.stringify(document))
}
