import { present, printable } from '../../manifests/index.js'
import type { CopyResult, PushedImage } from '../../provider/index.js'
import { carriedLine } from './image-label.js'
import { movedLines } from './moved-tags.js'
import { kindOf, missingLine, otherTags, sentLine, wouldSendLine } from './pushed-images.js'
import { size } from './sizes.js'
import { whatIf } from './what-if.js'

/** The document of `copy --json`. */
export function copyDocument({
  images,
  moved,
  sentBytes,
  mountedBytes,
  reusedBytes,
  failed,
}: CopyResult): unknown {
  return present({ images, moved, sentBytes, mountedBytes, reusedBytes, failed })
}

/** What is at the destination now, and how much of it was there already. */
export function copiedLines(result: CopyResult): string[] {
  return [
    ...result.images.flatMap((image) => [
      `Copied ${copiedLabel(image)}${kindOf(image)}, ${size(image.size)}`,
      `  ${image.digest}`,
      ...otherTags(image),
      ...carriedLine(image.artifacts),
    ]),
    ...movedLines(result.moved ?? [], 'moved'),
    sentLine(result),
  ]
}

export function wouldCopyLines(result: CopyResult): string[] {
  return [
    ...result.images.flatMap((image) => [
      whatIf('Copy Package', `${labelAtSource(image)}to '${printable(image.reference)}'`),
      ...missingLine(image),
    ]),
    ...movedLines(result.moved ?? [], 'would move'),
    wouldSendLine(result),
  ]
}

function copiedLabel(image: PushedImage): string {
  return `${labelAtSource(image).replaceAll("'", '')}to ${printable(image.reference)}`
}

/** Nothing for an image without a name. */
function labelAtSource({ name, version }: PushedImage): string {
  return name === '' ? '' : `'${printable(name)}' '${printable(version)}' `
}
