import { printable } from '../../manifests/index.js'
import type { MediaRemoveResult } from '../../provider/index.js'
import { imageLabel } from './image-label.js'
import { mediaLines } from './media-summary.js'
import { size } from './sizes.js'
import { whatIf } from './what-if.js'

type Removed = MediaRemoveResult['removed'][number]

/** What was removed from a media, and what it holds now. */
export function tendedMediaLines({ removed, freedBytes, media }: MediaRemoveResult): string[] {
  return [
    ...removed.flatMap((image) => [
      `${image.remaining ? 'Untagged' : 'Removed'} ${whole(image)}`,
      ...more(image, 'stays'),
    ]),
    ...(media ? mediaLines(media) : []),
    `Freed ${size(freedBytes)}.`,
  ]
}

export function wouldTendMediaLines({ removed, freedBytes }: MediaRemoveResult): string[] {
  if (removed.length === 0 && freedBytes === 0) return ['Nothing would be removed.']
  return [
    ...removed.flatMap((image) => [
      whatIf(image.remaining ? 'Remove Tag' : 'Remove Image', whole(image)),
      ...more(image, 'would stay'),
    ]),
    `Would free ${size(freedBytes)}.`,
  ]
}

/** How they are described in a question. */
export function removedNames({ removed }: MediaRemoveResult): string {
  return removed.map(whole).join(', ')
}

/** If another name is left, only a name goes. */
function whole(image: Removed): string {
  if (image.remaining) return image.tags.map(printable).join(', ')
  const platform = image.platform === '' ? '' : ` (${printable(image.platform)})`
  return `${imageLabel(image)}${platform}`
}

function more({ remaining, digest }: Removed, verb: string): string[] {
  return remaining ? [`  the image ${verb} as ${remaining.map(printable).join(', ')}`] : [`  ${digest}`]
}
