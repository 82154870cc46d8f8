import { ANNOTATIONS } from '../../manifests/index.js'
import type { ChosenImage } from '../choice/chosen-image.js'
import type { ImageSource } from '../copy/ports.js'
import type { TaggedImage } from './images.js'

/** An installed image as a chosen image whose source is the store. */
export function asChosen(source: ImageSource, image: TaggedImage): ChosenImage {
  const { [ANNOTATIONS.refName]: _, ...annotations } = image.entry.annotations ?? {}
  const { name, version, platform } = image
  return { source, root: image.entry, name, version, platform, annotations }
}
