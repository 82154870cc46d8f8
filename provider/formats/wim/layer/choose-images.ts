import { ContainerImageError, option, show } from '../../../../manifests/index.js'
import type { WimImageInfo } from '../read/image-info.js'
import { findImage, type Wim } from '../read/wim.js'

/** An image of the WIM and the folder of the layer that it fills. */
export interface PlacedImage {
  info: WimImageInfo
  /** `Files`, `UtilityVM/Files`; empty for a Linux tree, which fills the layer itself. */
  prefix: string
}

/**
 * Which images become the layer: the only one; of two the first as the container and the second as its
 * utility VM; or the one that was named.
 * @param chosen index from 1, or a name
 * @throws USAGE where there are others and none was named; NO_MATCH
 */
export function chooseImages(wim: Wim, chosen: string | undefined): PlacedImage[] {
  if (chosen !== undefined) return [{ info: findImage(wim, indexOrName(chosen)), prefix: 'Files' }]
  const [first, second] = wim.images
  if (!first || wim.images.length > 2) throw unexpectedNumber(wim)
  if (!second) return [{ info: first, prefix: 'Files' }]
  return [
    { info: first, prefix: 'Files' },
    { info: second, prefix: 'UtilityVM/Files' },
  ]
}

function indexOrName(text: string): number | string {
  return /^[0-9]{1,5}$/.test(text) ? Number(text) : text
}

function unexpectedNumber(wim: Wim): ContainerImageError {
  const list = wim.images.slice(0, 20).map(({ index, name }) => `${index} ${show(name ?? '')}`)
  const more = wim.images.length - list.length
  return new ContainerImageError(
    wim.images.length === 0 ? 'ARCHIVE_UNKNOWN' : 'USAGE',
    `${show(wim.name)} contains an unexpected number of images (${wim.images.length}).`,
    {
      side: 'source',
      expected: 'one image, or a container and its utility VM',
      found: `${list.join(', ') || 'none'}${more > 0 ? ` and ${more} more` : ''}`,
      remedy:
        wim.images.length === 0
          ? 'Give a WIM that holds an image.'
          : `Choose one with ${option('index')}, as inspect lists them.`,
    },
  )
}
