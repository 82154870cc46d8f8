import { hasCode } from '../../manifests/index.js'
import type { ChosenImage } from '../choice/chosen-image.js'
import { labelOf } from '../names/image-names.js'
import type { Failures } from '../session/failures.js'

/**
 * Does something with all images at once; if that fails and the run keeps going, with each on its own. What was
 * copied for all is there by then.
 * @param failures undefined if the first failure ends the work in any case
 */
export async function togetherOrOneByOne(
  images: ChosenImage[],
  failures: Failures | undefined,
  work: (images: ChosenImage[]) => Promise<void>,
): Promise<void> {
  try {
    await work(images)
  } catch (error) {
    // On its own, each of two that want one name would get it.
    if (!failures?.goesOnAfter(error) || hasCode(error, 'AMBIGUOUS_NAME')) throw error
    const [first, ...others] = images
    if (first && others.length === 0) failures.add(labelOf(first), error)
    else for (const image of images) await failures.attempt(labelOf(image), () => work([image]))
  }
}
