import { present, printable } from '../../manifests/index.js'
import type { PushedImage, PushResult } from '../../provider/index.js'
import { gateLine } from './gates.js'
import { carriedLine } from './image-label.js'
import { movedLines } from './moved-tags.js'
import { size } from './sizes.js'
import { whatIf } from './what-if.js'

/** The document of `push --json`. */
export function pushDocument(result: PushResult): unknown {
  const { images, moved, sentBytes, mountedBytes, reusedBytes, gate, failed } = result
  return present({ images, moved, sentBytes, mountedBytes, reusedBytes, gate, failed })
}

/** What can be pulled now, and how much of it was already there. */
export function pushedLines({
  images,
  moved = [],
  sentBytes,
  mountedBytes,
  reusedBytes,
  gate,
}: PushResult): string[] {
  return [
    ...images.flatMap((image) => [
      `Pushed ${printable(image.reference)}${kindOf(image)}, ${size(image.size)}`,
      `  ${image.digest}`,
      ...otherTags(image),
      ...carriedLine(image.artifacts),
    ]),
    ...movedLines(moved, 'moved'),
    ...gateLine(gate),
    sentLine({ sentBytes, mountedBytes, reusedBytes }),
  ]
}

/** How much moved, and how much did not have to. */
export function sentLine({
  sentBytes,
  mountedBytes,
  reusedBytes,
}: Pick<PushResult, 'sentBytes' | 'mountedBytes' | 'reusedBytes'>): string {
  return `Sent ${size(sentBytes)}, mounted ${size(mountedBytes)}, reused ${size(reusedBytes)}.`
}

/** What it is, if it is not an image. */
export function kindOf({ kind }: PushedImage): string {
  return kind === undefined ? '' : ` (${printable(kind)})`
}

export function otherTags({ tags }: PushedImage): string[] {
  const [, ...others] = tags
  return others.length > 0 ? [`  also tagged ${others.map(printable).join(', ')}`] : []
}

export function wouldPushLines({ images, moved = [], sentBytes, reusedBytes }: PushResult): string[] {
  return [
    ...images.flatMap((image) => [
      whatIf(
        'Push Package',
        `'${printable(image.name)}' version '${printable(image.version)}' to '${printable(image.reference)}'`,
      ),
      ...missingLine(image),
    ]),
    ...movedLines(moved, 'would move'),
    wouldSendLine({ sentBytes, reusedBytes }),
  ]
}

export function wouldSendLine({
  sentBytes,
  reusedBytes,
}: Pick<PushResult, 'sentBytes' | 'reusedBytes'>): string {
  return `Would send ${size(sentBytes)}; ${size(reusedBytes)} already there.`
}

export function missingLine({ wouldSend, size: whole }: PushedImage): string[] {
  if (!wouldSend) return []
  const { bytes, blobs } = wouldSend
  if (bytes === 0) return ['  all of it is already there']
  return [
    `  ${blobs} ${blobs === 1 ? 'blob' : 'blobs'} to send, ${size(bytes)}; ${size(whole - bytes)} already there`,
  ]
}
