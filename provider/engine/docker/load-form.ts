import {
  blobPath,
  type Descriptor,
  type Digest,
  digestOf,
  INDEX_FILE,
  indexBytes,
  LAYOUT_BYTES,
  LAYOUT_FILE,
  MEDIA_TYPES,
  manifestBytes,
} from '../../../manifests/index.js'
import type { CopyPlan } from '../../copy/ports.js'
import type { EngineBound } from '../port/planned.js'
import { type Part, partConfig, type Step } from './parts.js'

/** What the tar of a request looks like, and how the image in it is known afterwards. */
export interface LoadForm {
  /** Whether the layer is sent as the blob that it is, not uncompressed. */
  readonly keepsBlobs: boolean
  /** Of the image in the engine. */
  idOf(bound: EngineBound): Digest
  /** Members besides the layers, in their order. */
  documents(part: Part, plan: CopyPlan): [name: string, bytes: Uint8Array][]
  layerName(step: Pick<Step, 'diffId' | 'layer'>): string
}

/**
 * A docker archive that names all layers and holds those that are missing: the daemon asks its layer store by
 * chain id before it opens one (moby, daemon/internal/image/tarexport/load.go).
 */
export const DOCKER_ARCHIVE: LoadForm = {
  keepsBlobs: false,
  idOf: (bound) => bound.manifest.config.digest,
  documents(part, plan) {
    const config = partConfig(part, documentOf(plan, part.bound.manifest.config))
    const name = `${digestOf(config).slice(7)}.json`
    const Layers = part.bound.diffIds.slice(0, part.upTo).map(plainName)
    return [
      [name, config],
      ['manifest.json', Buffer.from(JSON.stringify([{ Config: name, RepoTags: null, Layers }]))],
    ]
  },
  layerName: ({ diffId }) => plainName(diffId),
}

function plainName(diffId: Digest): string {
  return `${diffId.slice(diffId.indexOf(':') + 1)}.tar`
}

/**
 * An OCI layout, for docker with containerd's image store: digests stay what they are. The blobs that are left
 * out are found in the content store (containerd, client/import.go).
 */
export const OCI_LAYOUT: LoadForm = {
  keepsBlobs: true,
  idOf: (bound) => bound.planned.root.digest,
  documents(part, plan) {
    const { root, documents } =
      part.upTo === part.bound.diffIds.length ? whole(part, plan) : begun(part, plan)
    const { mediaType, digest, size } = root
    const index = indexBytes({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociIndex,
      manifests: [{ mediaType, digest, size }],
    })
    return [
      [LAYOUT_FILE, LAYOUT_BYTES],
      [INDEX_FILE, index],
      ...documents.map((bytes): [string, Uint8Array] => [blobPath(digestOf(bytes)), bytes]),
    ]
  },
  layerName: ({ layer }) => blobPath(layer.digest),
}

interface Rooted {
  root: Descriptor
  documents: Uint8Array[]
}

/** Of an index, the index itself and the one image are sent; docker copes with the other images missing. */
function whole({ bound }: Part, plan: CopyPlan): Rooted {
  const { planned, manifest, manifestDescriptor } = bound
  const wanted = new Map(
    [planned.root, manifestDescriptor, manifest.config].map((one) => [one.digest, one] as const),
  )
  return {
    root: planned.root,
    documents: [...wanted.values()].map((descriptor) => documentOf(plan, descriptor)),
  }
}

function begun(part: Part, plan: CopyPlan): Rooted {
  const { manifest } = part.bound
  const config = partConfig(part, documentOf(plan, manifest.config))
  const bytes = manifestBytes({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: { mediaType: MEDIA_TYPES.ociConfig, digest: digestOf(config), size: config.length },
    layers: manifest.layers
      .slice(0, part.upTo)
      .map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  })
  return {
    root: { mediaType: MEDIA_TYPES.ociManifest, digest: digestOf(bytes), size: bytes.length },
    documents: [bytes, config],
  }
}

function documentOf(plan: CopyPlan, { digest }: Descriptor): Uint8Array {
  return plan.documents.get(digest) ?? new Uint8Array()
}
