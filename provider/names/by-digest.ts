import { ANNOTATIONS, type Digest, isDigest, shortDigest } from '../../manifests/index.js'

/**
 * Whether an image is known only by its digest, its own or that of the index that it is from: then the
 * beginning of the digest takes the place of a version. Docker gives images that it pulls by digest no tag at
 * all, as nobody said that they are the newest.
 */
export function isKnownByDigest(
  version: string,
  digest: Digest,
  annotations: Record<string, string>,
): boolean {
  const index = annotations[ANNOTATIONS.originIndex]
  return [digest, index].some((one) => isDigest(one) && version === shortDigest(one))
}
