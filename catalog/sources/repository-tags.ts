import { isTag } from '../../manifests/index.js'

/** Tags that registries keep for signatures and attestations (cosign's scheme, and the referrers tag). */
const REFERRER_TAG = /^sha(?:256-[0-9a-f]{64}|512-[0-9a-f]{64,128})(?:\..*)?$/

/**
 * The tags that name images: referrers' tags, and what distribution-spec does not allow as a tag, are left
 * out.
 */
export function imageTags(tags: string[]): string[] {
  return tags.filter((tag) => isTag(tag) && !REFERRER_TAG.test(tag))
}
