import {
  ANNOTATIONS,
  canonicalBytes,
  type Descriptor,
  type Digest,
  digestOf,
  isManifestType,
  MEDIA_TYPES,
  parseManifest,
} from '../../../manifests/index.js'
import type { CopyPlan, PlannedImage } from '../../copy/ports.js'

/** The plain tar that replaces a compressed layer. */
export interface PlainLayer {
  /** Its diff id. */
  digest: Digest
  /** In bytes. */
  size: number
}

/**
 * A plan whose manifests name some layers as plain tars. Config and diff ids stay what they were; each new manifest has
 * an annotation that says which one it replaces, as signatures are made for that one.
 * @param plain by the digest of the compressed layer
 */
export function withPlainLayers(plan: CopyPlan, plain: Map<Digest, PlainLayer>): CopyPlan {
  if (plain.size === 0) return plan
  const documents = new Map(plan.documents)
  const replaced = new Map<Digest, Descriptor>()
  const images = plan.images.map((image) => {
    const root = rewritten(image, documents, plain)
    if (!root) return image
    replaced.set(image.root.digest, root)
    return {
      ...image,
      root,
      annotations: { ...image.annotations, [ANNOTATIONS.original]: image.root.digest },
    }
  })
  const contents = plan.contents.map((descriptor) => replaced.get(descriptor.digest) ?? descriptor)
  return { ...plan, contents, documents, images }
}

/** Whether the manifests of all images can be rewritten: none of them is in an index. */
export function canBePlain({ images }: CopyPlan): boolean {
  return images.every(({ root, platform }) => platform === undefined || isManifestType(root.mediaType))
}

function rewritten(
  { root, platform }: PlannedImage,
  documents: Map<Digest, Uint8Array>,
  plain: Map<Digest, PlainLayer>,
): Descriptor | undefined {
  const bytes = documents.get(root.digest)
  if (platform === undefined || !bytes || !isManifestType(root.mediaType)) return undefined
  const manifest = parseManifest(bytes, root.mediaType)
  if (!manifest.layers.some(({ digest }) => plain.has(digest))) return undefined
  const layers = manifest.layers.map((layer) => {
    const tar = plain.get(layer.digest)
    return tar ? { ...layer, ...tar, mediaType: MEDIA_TYPES.ociLayer } : layer
  })
  const annotations = { ...manifest.annotations, [ANNOTATIONS.original]: root.digest }
  const mediaType = MEDIA_TYPES.ociManifest
  const made = canonicalBytes({ ...manifest, mediaType, layers, annotations })
  const digest = digestOf(made)
  documents.set(digest, made)
  return { ...root, mediaType, digest, size: made.length }
}
