import { hasCode } from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { labelOf } from '../../names/image-names.js'
import type { Context } from '../../session/context.js'
import type { Failures } from '../../session/failures.js'
import { planImages } from './plan-images.js'
import type { SavingRequest } from './saving-request.js'

/**
 * Does something with all images at once; if that fails and the run keeps going, with each on its own. What was
 * fetched for all is there by then.
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

/** Of images that share a file those that can be planned; all of them if the run stops at the first failure. */
export async function thoseThatCanBe(
  context: Context,
  images: ChosenImage[],
  request: SavingRequest,
): Promise<ChosenImage[]> {
  const { failures } = request
  if (!request.keepGoing || !failures || images.length < 2) return images
  const able: ChosenImage[] = []
  for (const image of images)
    if (await failures.attempt(labelOf(image), () => planImages(context, [image], request))) able.push(image)
  return able
}
