import { ContainerImageError } from '../../manifests/index.js'
import type { ImageCollection } from '../copy/ports.js'
import { namesOfImage } from '../names/image-names.js'
import { imagesIn } from './archive-images.js'
import { hostPlatform } from './host-platform.js'
import { newestOfEachName } from './newest.js'
import { refuseOnePlace } from './same-place.js'

/**
 * Why the images of a collection cannot be taken, whole as their bytes may be: it has none, two of them have one name,
 * or one has a name that is none. What checks a collection asks here, so that it passes nothing that taking it refuses.
 */
export async function refusalOf(
  collection: ImageCollection,
  signal?: AbortSignal,
): Promise<ContainerImageError | undefined> {
  try {
    const images = await imagesIn(collection, {}, { host: hostPlatform(), allPlatforms: true, signal })
    const newest = newestOfEachName(images)
    refuseOnePlace(images.map((image) => ({ ...image, names: namesOfImage(image, newest.has(image)) })))
    return undefined
  } catch (error) {
    if (error instanceof ContainerImageError && error.code !== 'INTERRUPTED') return error
    throw error
  }
}
