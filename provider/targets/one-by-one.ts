import { hasCode } from '../../manifests/index.js'
import { type ImageIdentity, labelOf } from '../names/image-names.js'
import { Brought } from '../session/brought.js'
import type { Failures } from '../session/failures.js'

/**
 * Does something with all images of a request at once; if that fails and the run keeps going, with each on its own. What was
 * copied for all is there by then.
 * @param imageOf one of them, for its name
 * @param failures undefined if the first failure ends the work in any case
 * @param work is told what attempts before it have brought
 */
export async function togetherOrOneByOne<T>(
  images: T[],
  imageOf: (one: T) => ImageIdentity,
  failures: Failures | undefined,
  work: (images: T[], brought: Brought) => Promise<void>,
): Promise<void> {
  const brought = new Brought()
  try {
    await work(images, brought)
  } catch (error) {
    // On its own, each of two that want one name would get it.
    if (!failures?.goesOnAfter(error) || hasCode(error, 'AMBIGUOUS_NAME')) throw error
    const [first, ...others] = images
    if (first && others.length === 0) failures.add(labelOf(imageOf(first)), error)
    else
      for (const image of images)
        await failures.attempt(labelOf(imageOf(image)), () => work([image], brought))
  }
}
