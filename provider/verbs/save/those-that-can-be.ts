import type { ChosenImage } from '../../choice/chosen-image.js'
import { labelOf } from '../../names/image-names.js'
import type { Context } from '../../session/context.js'
import { planImages } from './plan-images.js'
import type { SavingRequest } from './saving-request.js'

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
