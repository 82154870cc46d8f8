import type { Descriptor } from '../../manifests/index.js'
import { formatPlatform, isIndexType, parseIndex } from '../../manifests/index.js'
import type { CopyPlan } from '../copy/ports.js'

/** For which platforms an index has images, in its order; nothing of a root that is one image. */
export function platformsOfIndex(root: Descriptor, { documents }: CopyPlan): { platforms?: string[] } {
  const bytes = isIndexType(root.mediaType) ? documents.get(root.digest) : undefined
  if (!bytes) return {}
  const platforms = parseIndex(bytes, root.mediaType)
    // A partial index lists more than is here.
    .manifests.filter(({ digest }) => documents.has(digest))
    .map(({ platform }) => platform)
    // An entry without a platform is about an image and is not one itself.
    .filter((platform) => platform !== undefined && platform.os !== 'unknown')
    .map(formatPlatform)
  return platforms.length > 0 ? { platforms } : {}
}
