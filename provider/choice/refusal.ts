import { ANNOTATIONS, ContainerImageError, sameMachine } from '../../manifests/index.js'
import type { ImageCollection } from '../copy/ports.js'
import { namesOfImage } from '../names/image-names.js'
import { imagesIn } from './archive-images.js'
import type { ChosenImage } from './chosen-image.js'
import { hostPlatform } from './host-platform.js'
import { newestOfEachName } from './newest.js'
import { refuseOnePlace } from './same-place.js'

/**
 * Why the images of a collection cannot be taken, even if all bytes are right: it has none, two of them have
 * one name, or one has an invalid name. Checks ask here, so that they pass nothing that an install would
 * refuse.
 */
export async function refusalOf(
  collection: ImageCollection,
  signal?: AbortSignal,
): Promise<ContainerImageError | undefined> {
  try {
    const all = await imagesIn(collection, {}, { host: hostPlatform(), allPlatforms: true, signal })
    const images = all.filter(
      (image, i) => !all.slice(0, i).some((other) => areBuildsOfOneIndex(other, image)),
    )
    const newest = newestOfEachName(images)
    refuseOnePlace(images.map((image) => ({ ...image, names: namesOfImage(image, newest.has(image)) })))
    return undefined
  } catch (error) {
    if (error instanceof ContainerImageError && error.code !== 'INTERRUPTED') return error
    throw error
  }
}

/**
 * Two images for one machine, such as two builds of Windows: choosing from their index takes the best fit.
 */
function areBuildsOfOneIndex(a: ChosenImage, b: ChosenImage): boolean {
  const index = a.annotations[ANNOTATIONS.originIndex]
  if (index === undefined || index !== b.annotations[ANNOTATIONS.originIndex]) return false
  if (a.name !== b.name || a.version !== b.version) return false
  return a.platform !== undefined && b.platform !== undefined && sameMachine(a.platform, b.platform)
}
