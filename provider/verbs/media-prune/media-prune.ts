import { newestFirst, versionKey } from '../../../catalog/entry-version.js'
import { groupedBy } from '../../../manifests/groups.js'
import { ContainerImageError, option } from '../../../manifests/index.js'
import { isKnownByDigest } from '../../names/by-digest.js'
import { inContext } from '../../session/context.js'
import type { TaggedImage } from '../../store/images.js'
import { removeFromMedia } from '../media-remove/remove-from-media.js'
import type { MediaRemoveResult } from '../media-remove/request.js'
import type { MediaPruneRequest } from './request.js'

/**
 * Removes from a media all but the newest versions of each name, what nothing names, and what interrupted runs left. A
 * tag that is not a version, such as `stable`, stays: nobody can say what it is older than.
 * @throws PATH_NOT_FOUND, LAYOUT_INVALID, USAGE
 */
export async function mediaPrune(request: MediaPruneRequest): Promise<MediaRemoveResult> {
  const { path: place, keep } = request
  if (keep !== undefined && !(Number.isSafeInteger(keep) && keep >= 1))
    throw new ContainerImageError('USAGE', `${option('keep')} is a number of versions.`, {
      expected: '1 or more',
      found: keep,
    })
  return await inContext(request, (context) =>
    removeFromMedia(context, place, (images) => (keep === undefined ? [] : olderOf(images, keep))),
  )
}

/**
 * For each name, everything older than its newest versions; a version for several platforms counts as one.
 */
function olderOf(images: TaggedImage[], keep: number): TaggedImage[] {
  const byName = groupedBy(
    images.filter(isVersioned),
    ({ artifact, name }) => `${artifact?.kind ?? ''} ${name.toLowerCase()}`,
  )
  const going = new Set<TaggedImage>()
  for (const group of byName.values()) {
    const versions = [...new Set(group.map(({ version }) => version))]
    const older = new Set(
      versions
        .map((version) => versionKey({ version }))
        .sort(newestFirst)
        .slice(keep)
        .map(({ text }) => text),
    )
    for (const image of group) if (older.has(image.version)) going.add(image)
  }
  return images.filter((image) => going.has(image))
}

function isVersioned({ name, version, tag, digest, entry }: TaggedImage): boolean {
  const isVersion = versionKey({ version }).version !== undefined
  return name !== '' && isVersion && !isKnownByDigest(tag, digest, entry.annotations ?? {})
}
