import type { Descriptor, Digest, Platform } from '../../manifests/index.js'
import { formatPlatform, isIndexType, parseIndex } from '../../manifests/index.js'
import type { CopyPlan } from '../copy/ports.js'

/** For which platforms an index has images, in its order, each once; nothing of a root that is one image. */
export function platformsOfIndex(root: Descriptor, { documents }: CopyPlan): { platforms?: string[] } {
  if (!isIndexType(root.mediaType)) return {}
  const platforms = [...new Set([...platformsBelow(root, documents, new Set())].map(formatPlatform))]
  return platforms.length > 0 ? { platforms } : {}
}

/** Also in the indexes that it lists. A partial index lists more than is here. */
function* platformsBelow(
  index: Descriptor,
  documents: CopyPlan['documents'],
  seen: Set<Digest>,
): Generator<Platform> {
  const bytes = documents.get(index.digest)
  if (!bytes || seen.has(index.digest)) return
  seen.add(index.digest)
  for (const entry of parseIndex(bytes, index.mediaType).manifests)
    if (isIndexType(entry.mediaType)) yield* platformsBelow(entry, documents, seen)
    // An entry without a platform is about an image and is not one itself.
    else if (documents.has(entry.digest) && entry.platform && entry.platform.os !== 'unknown')
      yield entry.platform
}
