import { hasWildcard } from '../../../catalog/wildcard.js'
import { ContainerImageError, option, printable, show } from '../../../manifests/index.js'
import { imagesOfOne } from '../../names/asked-images.js'
import { splitTag } from '../../names/split-tag.js'
import { inContext } from '../../session/context.js'
import { shownName, type TaggedImage } from '../../store/images.js'
import { removeFromMedia } from './remove-from-media.js'
import type { MediaRemoveRequest, MediaRemoveResult } from './request.js'

/**
 * Removes images from a media by their names, with the blobs that no other image on it needs, and lists the
 * rest again.
 * @throws PATH_NOT_FOUND, LAYOUT_INVALID, NO_MATCH, USAGE; AMBIGUOUS_NAME if a name means several versions
 */
export async function mediaRemove(request: MediaRemoveRequest): Promise<MediaRemoveResult> {
  const { path: place, names, allVersions = false } = request
  if (names.length === 0)
    throw new ContainerImageError('USAGE', 'No images to remove were named.', {
      expected: 'names of images on the media',
      found: 'none',
    })
  return await inContext(request, (context) =>
    removeFromMedia(context, place, (images, wasRenewed) => {
      const meant = new Set<TaggedImage>()
      for (const name of names)
        for (const image of imagesMeant(name, images, { allVersions, place, wasRenewed })) meant.add(image)
      return images.filter((image) => meant.has(image))
    }),
  )
}

interface Meaning {
  allVersions: boolean
  place: string
  /** It is not an error if a killed run has already removed something. */
  wasRenewed: boolean
}

/** A tag, a digest or a pattern says which; a name alone means all names of the only version that it has. */
function imagesMeant(
  name: string,
  images: TaggedImage[],
  { allVersions, place, wasRenewed }: Meaning,
): TaggedImage[] {
  const meant = imagesOfOne(name, images)
  if (meant.length === 0 && !wasRenewed) throw notOnMedia(name, images, place)
  if (splitTag(name).tag !== undefined || name.includes('@') || hasWildcard(name)) return meant
  const versions = new Set(meant.map(({ version }) => version))
  if (versions.size > 1 && !allVersions) throw severalVersions(name, meant)
  return meant
}

function notOnMedia(name: string, images: TaggedImage[], place: string): ContainerImageError {
  const names = [...new Set(images.map(shownName))]
  return new ContainerImageError('NO_MATCH', `No image ${show(name)} is on ${printable(place)}.`, {
    side: 'destination',
    expected: name,
    found: names.length > 0 ? names.slice(0, 10).join(', ') : 'no images',
    details: { names },
  })
}

function severalVersions(name: string, images: TaggedImage[]): ContainerImageError {
  const names = images.map(shownName)
  return new ContainerImageError('AMBIGUOUS_NAME', `${show(name)} is on the media in several versions.`, {
    side: 'destination',
    expected: 'one version',
    found: names.join(', '),
    remedy: `Give its tag, or all of them with ${option('allVersions')}.`,
    details: { names },
  })
}
