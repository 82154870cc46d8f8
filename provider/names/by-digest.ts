import { ANNOTATIONS, type Digest, isDigest, shortDigest } from '../../manifests/index.js'

/**
 * Whether an image is known by its digest alone, its own or that of the index that it is from: the beginning of it stands
 * where others have a version. Docker gives what it pulls by digest no tag at all; nobody said that it is the newest.
 */
export function isKnownByDigest(
  version: string,
  digest: Digest,
  annotations: Record<string, string>,
): boolean {
  const index = annotations[ANNOTATIONS.originIndex]
  return [digest, index].some((one) => isDigest(one) && version === shortDigest(one))
}
