import { hasCode } from '../../../manifests/index.js'

/**
 * How many containers each image has. An engine that may be asked about images may not always be asked about
 * containers: then nothing is known.
 * @param images gives the image of each container
 */
export async function countContainers(
  images: () => Promise<readonly string[]>,
): Promise<ReadonlyMap<string, number> | undefined> {
  try {
    const counts = new Map<string, number>()
    for (const image of await images()) counts.set(image, (counts.get(image) ?? 0) + 1)
    return counts
  } catch (error) {
    if (hasCode(error, 'ENGINE_REFUSED')) return undefined
    throw error
  }
}
