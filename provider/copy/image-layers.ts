import {
  type Descriptor,
  type Digest,
  type ImageConfig,
  isImageManifest,
  isManifestType,
  layerCompression,
  type Manifest,
  parseConfig,
  parseManifest,
} from '../../manifests/index.js'
import { layerOs } from '../archives/layers/whiteout.js'
import type { ExpectedLayer } from './expected-layer.js'
import type { CopyPlan } from './ports.js'

/**
 * Which blobs are layers of images, and for which system. A layer used for both is judged as a Windows layer.
 */
export class ImageLayers {
  private readonly found = new Map<Digest, ExpectedLayer & { diffIds: Set<Digest> }>()

  /** Only what its media type calls a tar: other things travel as layers too. */
  add({ layers }: Manifest, { os, rootfs }: Pick<ImageConfig, 'os' | 'rootfs'>): void {
    for (const [i, { digest, mediaType }] of layers.entries()) {
      if (!layerCompression(mediaType)) continue
      const known = this.found.get(digest) ?? { os: layerOs(os), diffIds: new Set(), isFirst: false }
      if (layerOs(os) === 'windows') known.os = 'windows'
      if (i === 0) known.isFirst = true
      const diffId = rootfs.diff_ids[i]
      if (diffId) known.diffIds.add(diffId)
      this.found.set(digest, known)
    }
  }

  of({ digest }: Pick<Descriptor, 'digest'>): ExpectedLayer | undefined {
    return this.found.get(digest)
  }
}

/** The layers of all images of a plan, by the documents that were read and checked for it. */
export function layersOfPlan({ contents, documents }: CopyPlan): ImageLayers {
  const layers = new ImageLayers()
  for (const { digest, mediaType } of contents) {
    const bytes = documents.get(digest)
    if (!bytes || !isManifestType(mediaType)) continue
    const manifest = parseManifest(bytes, mediaType)
    const config = isImageManifest(manifest) ? configOf(documents.get(manifest.config.digest)) : undefined
    if (config) layers.add(manifest, config)
  }
  return layers
}

/** Something that only looks like an image may name any document as its config. */
function configOf(bytes: Uint8Array | undefined): ImageConfig | undefined {
  try {
    return bytes && parseConfig(bytes)
  } catch {
    return undefined
  }
}
