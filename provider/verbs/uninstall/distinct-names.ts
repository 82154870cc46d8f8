import { shownName, type TaggedImage } from '../../store/images.js'

/** The full names of images, each once; of an image without one, the name that is shown for it. */
export function distinctNames(images: TaggedImage[]): string[] {
  return [...new Set(images.map((image) => image.fullName || shownName(image)))]
}
