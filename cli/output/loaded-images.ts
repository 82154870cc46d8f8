import { printable } from '../../manifests/index.js'
import type { LoadResult } from '../../provider/index.js'
import { gateLine } from './gates.js'
import { imageLabel, taggedLine } from './image-label.js'
import { movedLines } from './moved-tags.js'
import { size } from './sizes.js'
import { whatIf } from './what-if.js'

/** What an engine has now, under which names, and how much of it had to be sent. */
export function loadedLines({
  engineLabel,
  images,
  moved = [],
  sentBytes,
  reusedBytes,
  gate,
}: LoadResult): string[] {
  return [
    ...images.flatMap((image) => [
      `Loaded ${imageLabel(image)} (${image.platform}) into ${printable(engineLabel)}`,
      `  ${image.id}`,
      ...taggedLine(image.tags),
    ]),
    ...movedLines(moved, 'moved'),
    ...gateLine(gate),
    `Sent ${size(sentBytes)}, the engine had ${size(reusedBytes)}.`,
  ]
}

export function wouldLoadLines({
  engineLabel,
  images,
  moved = [],
  sentBytes,
  reusedBytes,
}: LoadResult): string[] {
  return [
    ...images.map(({ name, version }) =>
      whatIf(
        'Load Package',
        `Package ${printable(name)} version ${printable(version)} into ${printable(engineLabel)}`,
      ),
    ),
    ...movedLines(moved, 'would move'),
    `Would send ${size(sentBytes)}; the engine has ${size(reusedBytes)}.`,
  ]
}
