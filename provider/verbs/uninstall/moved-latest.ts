import { entryVersion } from '../../../catalog/entry-version.js'
import { compareVersions } from '../../../catalog/version.js'
import { groupedBy } from '../../../manifests/groups.js'
import { ANNOTATIONS, type Descriptor, type Digest } from '../../../manifests/index.js'
import { isKnownByDigest } from '../../names/by-digest.js'
import type { TaggedImage } from '../../store/images.js'

export interface MovedLatest {
  entry: Descriptor
  tag: string
  digest: Digest
  version: string
}

/**
 * Where the `latest` of packages goes: to the newest version of the same repository that remains.
 * @param rows all that is removed
 */
export function movedLatest(
  ofPackages: TaggedImage[],
  rows: TaggedImage[],
  images: TaggedImage[],
): MovedLatest[] {
  const going = new Set(rows)
  const moves: MovedLatest[] = []
  const inRepository = groupedBy(images, ({ repository }) => repository)
  for (const image of ofPackages) {
    if (image.tag !== 'latest') continue
    const rest = (inRepository.get(image.repository) ?? []).filter(
      (other) =>
        !going.has(other) &&
        !other.artifact &&
        !isKnownByDigest(other.tag, other.digest, other.entry.annotations ?? {}),
    )
    const newest = newestImage(rest)
    if (!newest) continue
    const annotations = { ...newest.entry.annotations, [ANNOTATIONS.refName]: image.refName }
    moves.push({
      entry: { ...newest.entry, annotations },
      tag: image.refName,
      digest: newest.entry.digest,
      version: newest.version,
    })
  }
  return moves
}

/** By version; images whose version is only a tag come after those, by creation time. */
function newestImage(images: TaggedImage[]): TaggedImage | undefined {
  return [...images].sort((a, b) => {
    const [left, right] = [entryVersion(a), entryVersion(b)]
    if (left && right) return compareVersions(right, left)
    if (left || right) return left ? -1 : 1
    return (b.config?.created ?? '').localeCompare(a.config?.created ?? '')
  })[0]
}
