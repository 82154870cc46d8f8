import {
  ANNOTATIONS,
  type Descriptor,
  type Digest,
  isDigest,
  isIndexType,
  isManifestType,
  LIMITS,
  MEDIA_TYPES,
} from '../../manifests/index.js'
import type { ImageCollection, NamedImage } from '../copy/ports.js'
import type { Documents } from './documents.js'
import { isMissing } from './refusal.js'

/**
 * All that can be asked for by digest below some images: indexes, manifests, configs, layers, and the indexes
 * that images were once chosen from. Documents that cannot be read are reported and what they name is left
 * out; they are refused when they are requested.
 * @param damaged told of a document that cannot be read; one that is not there is no damage, as archives of one
 * platform hold the whole index
 */
export async function contentsOf(
  collection: ImageCollection,
  images: readonly NamedImage[],
  documents: Documents,
  damaged: (descriptor: Descriptor, error: unknown) => void,
): Promise<Map<Digest, Descriptor>> {
  const found = new Map<Digest, Descriptor>()
  const pending = images.map(({ root }) => ({ descriptor: root, depth: 0 }))
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { descriptor, depth } = next
    // A document that is a layer elsewhere, or the other way round, is served as the document that it is.
    const known = found.get(descriptor.digest)
    if (known && (isDocument(known) || !isDocument(descriptor))) continue
    found.set(descriptor.digest, descriptor)
    if (!isDocument(descriptor) || depth > LIMITS.indexDepth) continue
    try {
      const children = await documents.children(collection, descriptor)
      pending.push(...children.map((child) => ({ descriptor: child, depth: depth + 1 })))
    } catch (error) {
      if (!isMissing(error)) damaged(descriptor, error)
    }
  }
  for (const image of images) addOrigin(found, image)
  return found
}

function isDocument({ mediaType }: Descriptor): boolean {
  return isIndexType(mediaType) || isManifestType(mediaType)
}

/** Signatures may be over the index that an image was chosen from; it was kept for that, without the rest of it. */
function addOrigin(found: Map<Digest, Descriptor>, { annotations }: NamedImage): void {
  const { [ANNOTATIONS.originIndex]: digest, [ANNOTATIONS.originIndexSize]: size } = annotations
  if (!isDigest(digest) || !size || !/^\d{1,9}$/.test(size) || found.has(digest)) return
  // Its type is in the document alone.
  found.set(digest, { mediaType: MEDIA_TYPES.ociIndex, digest, size: Number(size) })
}
