import { ANNOTATIONS, type Descriptor, isDigest, MEDIA_TYPES } from '../../manifests/index.js'

/** The index that an image was chosen from, by the annotations that it then has. */
export function originIndexOf(annotations: Readonly<Record<string, string>>): Descriptor | undefined {
  const { [ANNOTATIONS.originIndex]: digest, [ANNOTATIONS.originIndexSize]: written } = annotations
  const size = Number(written)
  return isDigest(digest) && Number.isSafeInteger(size)
    ? { mediaType: MEDIA_TYPES.ociIndex, digest, size }
    : undefined
}
