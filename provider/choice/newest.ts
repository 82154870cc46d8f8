import { newestFirst, versionKey } from '../../catalog/entry-version.js'
import type { ChosenImage } from './chosen-image.js'

/** Of several versions of one name that come together only the newest can be `latest`. */
export function newestOfEachName(images: ChosenImage[]): Set<ChosenImage> {
  const newest = new Map<string, ChosenImage>()
  for (const image of images) {
    const known = newest.get(image.name.toLowerCase())
    if (!known || newestFirst(versionKey(image), versionKey(known)) < 0)
      newest.set(image.name.toLowerCase(), image)
  }
  return new Set(newest.values())
}
