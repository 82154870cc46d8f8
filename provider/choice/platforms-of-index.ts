import type { Descriptor } from '../../manifests/index.js'
import { formatPlatform, isIndexType, parseIndex } from '../../manifests/index.js'
import { knownEntriesBelow } from '../copy/index-entries.js'
import type { CopyPlan } from '../copy/ports.js'

/** For which platforms an index has images, in its order, each once; nothing of a root that is one image. */
export function platformsOfIndex(root: Descriptor, { documents }: CopyPlan): { platforms?: string[] } {
  if (!isIndexType(root.mediaType)) return {}
  const entries = knownEntriesBelow(root, root.digest, ({ digest, mediaType }) => {
    const bytes = documents.get(digest)
    return bytes && parseIndex(bytes, mediaType)
  })
  const platforms = entries
    // A partial index lists more than is here.
    .filter(({ digest }) => documents.has(digest))
    .map(({ platform }) => platform)
    // An entry without a platform is about an image and is not one itself.
    .filter((platform) => platform !== undefined && platform.os !== 'unknown')
    .map(formatPlatform)
  return platforms.length > 0 ? { platforms: [...new Set(platforms)] } : {}
}
