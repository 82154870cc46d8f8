import { isImageEntry } from '../../catalog/platform-choice.js'
import {
  type Descriptor,
  type Digest,
  isImageManifest,
  isIndexType,
  isManifestType,
  type Platform,
  parseConfig,
  parseIndex,
  parseManifest,
  platformOf,
  sameMachine,
} from '../../manifests/index.js'
import type { CopyPlan } from './ports.js'

/**
 * The manifests that a root stands for, as far as the plan has its documents: each once, however often indexes
 * that name each other name it (the class of the billion laughs).
 */
export function manifestsBelow(plan: CopyPlan, root: Descriptor): Descriptor[] {
  const seen = new Map<Digest, Descriptor>()
  const pending = [root]
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (seen.has(next.digest)) continue
    seen.set(next.digest, next)
    const bytes = isIndexType(next.mediaType) ? plan.documents.get(next.digest) : undefined
    if (bytes) pending.push(...parseIndex(bytes, next.mediaType).manifests.reverse())
  }
  return [...seen.values()].filter(({ mediaType }) => isManifestType(mediaType))
}

/** The images of an index, also of indexes within it, without what is over them; that of a platform comes first. */
export function imagesBelow(plan: CopyPlan, index: Descriptor, platform?: Platform): Descriptor[] {
  const images = manifestsBelow(plan, index)
    .filter(isImageEntry)
    .map((image) => withPlatform(plan, image))
  const isMeant = (image: Descriptor): boolean =>
    platform !== undefined && image.platform !== undefined && sameMachine(image.platform, platform)
  return [...images.filter(isMeant), ...images.filter((image) => !isMeant(image))]
}

/** An index need not say for what its images are; their configs do. */
function withPlatform(plan: CopyPlan, image: Descriptor): Descriptor {
  const bytes = image.platform ? undefined : plan.documents.get(image.digest)
  const manifest = bytes && parseManifest(bytes, image.mediaType)
  const config =
    manifest && isImageManifest(manifest) ? plan.documents.get(manifest.config.digest) : undefined
  return config ? { ...image, platform: platformOf(parseConfig(config)) } : image
}
