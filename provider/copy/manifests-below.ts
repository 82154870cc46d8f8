import { isImageEntry } from '../../catalog/platform-choice.js'
import {
  type Descriptor,
  isImageManifest,
  isManifestType,
  type Platform,
  parseConfig,
  parseIndex,
  parseManifest,
  platformOf,
  sameMachine,
} from '../../manifests/index.js'
import { knownEntriesBelow } from './index-entries.js'
import type { CopyPlan } from './ports.js'

/** The manifests that a root stands for, as far as the plan has its documents. */
export function manifestsBelow(plan: CopyPlan, root: Descriptor): Descriptor[] {
  const entries = knownEntriesBelow(root, root.digest, ({ digest, mediaType }) => {
    const bytes = plan.documents.get(digest)
    return bytes && parseIndex(bytes, mediaType)
  })
  return entries.filter(({ mediaType }) => isManifestType(mediaType))
}

/**
 * The images of an index and of indexes within it, without the indexes themselves; that of a platform comes
 * first.
 */
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
