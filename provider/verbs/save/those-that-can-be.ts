import type { Digest } from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { failedBlob } from '../../copy/failed-blob.js'
import { labelOf } from '../../names/image-names.js'
import type { Context } from '../../session/context.js'
import { planImages } from './plan-images.js'
import type { SavingRequest } from './saving-request.js'

/**
 * Saves images that share a file, or a set of files. In a run that keeps going, those that cannot be planned
 * are left out beforehand, and if a blob turns out to be broken along the way, the others are saved without
 * the images that need it.
 * @throws what `work` throws, if no image is to blame or the run stops at the first failure
 */
export async function saveThoseThatCanBe(
  context: Context,
  all: ChosenImage[],
  request: SavingRequest,
  work: (images: ChosenImage[]) => Promise<void>,
): Promise<void> {
  let images = await thoseThatCanBePlanned(context, all, request)
  while (images.length > 0) {
    try {
      return await work(images)
    } catch (error) {
      const blob = request.failures?.goesOnAfter(error) ? failedBlob(error) : undefined
      const broken = blob ? await thoseWith(context, blob, images, request) : []
      // If none of them is to blame, or none would be left, the file as a whole could not be made.
      if (broken.length === 0 || broken.length === images.length) throw error
      for (const image of broken) request.failures?.add(labelOf(image), error)
      images = images.filter((image) => !broken.includes(image))
    }
  }
}

async function thoseThatCanBePlanned(
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

async function thoseWith(
  context: Context,
  blob: Digest,
  images: ChosenImage[],
  request: SavingRequest,
): Promise<ChosenImage[]> {
  const found: ChosenImage[] = []
  for (const image of images) {
    const { plan } = await planImages(context, [image], request)
    if (plan.contents.some(({ digest }) => digest === blob)) found.push(image)
  }
  return found
}
