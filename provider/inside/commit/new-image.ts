import {
  ANNOTATIONS,
  configBytes,
  type Descriptor,
  type Digest,
  digestOf,
  type HistoryEntry,
  type ImageConfig,
  type Manifest,
  MEDIA_TYPES,
  manifestBytes,
  present,
} from '../../../manifests/index.js'
import type { MadeLayer } from '../../copy/ports.js'

/** What makes a new image out of its parent. */
export interface NewImageParts {
  parent: { manifest: Manifest; config: ImageConfig; digest: Digest; name?: string } | undefined
  config: ImageConfig
  layer: MadeLayer | undefined
  step: HistoryEntry
}

/** The documents of an image, and its root. */
export interface ImageDocuments {
  root: Descriptor
  manifest: Manifest
  documents: ReadonlyMap<Digest, Uint8Array>
}

/** What docker writes of the container that an image was made in; it says nothing of a new one. */
const OF_A_CONTAINER = ['container', 'container_config', 'docker_version', 'id', 'parent']

const OCI_LAYERS: Record<string, string> = {
  [MEDIA_TYPES.dockerLayer]: MEDIA_TYPES.ociLayer,
  [MEDIA_TYPES.dockerLayerGzip]: MEDIA_TYPES.ociLayerGzip,
}

/** An image that has the layers of its parent, perhaps one more, and settings of its own (OCI image-spec, config.md). */
export function newImage({ parent, config, layer, step }: NewImageParts): ImageDocuments {
  const below = parent?.manifest.layers.map(inOci) ?? []
  const diffIds = parent?.config.rootfs.diff_ids ?? []
  const steps = [...stepsOf(parent), layer ? step : { ...step, empty_layer: true }]
  const whole: Record<string, unknown> = {
    ...config,
    created: step.created,
    author: step.author ?? config.author,
    rootfs: { type: 'layers', diff_ids: [...diffIds, ...(layer ? [layer.diffId] : [])] },
    history: steps,
  }
  for (const key of OF_A_CONTAINER) delete whole[key]
  return documentsOf(whole as unknown as ImageConfig, [...below, ...(layer ? [layer.descriptor] : [])], {
    [ANNOTATIONS.baseName]: parent?.name,
    [ANNOTATIONS.baseDigest]: parent?.digest,
  })
}

/** The documents of an image of these layers. */
export function documentsOf(
  config: ImageConfig,
  layers: Descriptor[],
  said: Record<string, string | undefined> = {},
): ImageDocuments {
  const ofConfig = configBytes(config)
  const annotations = present(said) as Record<string, string>
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: descriptorOf(MEDIA_TYPES.ociConfig, ofConfig),
    layers,
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  }
  const ofManifest = manifestBytes(manifest)
  const root = descriptorOf(MEDIA_TYPES.ociManifest, ofManifest)
  const documents = new Map([
    [manifest.config.digest, ofConfig],
    [root.digest, ofManifest],
  ])
  return { root, manifest, documents }
}

/**
 * With one for each layer: if the history had fewer steps than there are layers, a new step would be taken
 * for an older one.
 */
function stepsOf(parent: NewImageParts['parent']): HistoryEntry[] {
  const steps = parent?.config.history ?? []
  const told = steps.filter(({ empty_layer: isEmpty }) => !isEmpty).length
  const untold = Math.max(0, (parent?.config.rootfs.diff_ids.length ?? 0) - told)
  const created = parent?.config.created
  return [...steps, ...Array.from({ length: untold }, () => (created === undefined ? {} : { created }))]
}

function inOci(layer: Descriptor): Descriptor {
  return { ...layer, mediaType: OCI_LAYERS[layer.mediaType] ?? layer.mediaType }
}

function descriptorOf(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length }
}
