import { printable } from '../../manifests/index.js'
import type { LoadResult } from '../../provider/index.js'
import { size } from './sizes.js'
import { whatIf } from './what-if.js'

/** What an engine has now, under which names, and how much of it had to be sent. */
export function loadedLines({ engineLabel, images, sentBytes, reusedBytes }: LoadResult): string[] {
  return [
    ...images.flatMap((image) => [
      `Loaded ${printable(image.name)} ${printable(image.version)} (${image.platform}) into ${printable(engineLabel)}`,
      `  ${image.id}`,
      `  tagged ${image.tags.map(printable).join(', ')}`,
    ]),
    `Sent ${size(sentBytes)}, the engine had ${size(reusedBytes)}.`,
  ]
}

export function wouldLoadLines({ engineLabel, images, sentBytes, reusedBytes }: LoadResult): string[] {
  return [
    ...images.map(({ name, version }) =>
      whatIf(
        'Load Package',
        `Package ${printable(name)} version ${printable(version)} into ${printable(engineLabel)}`,
      ),
    ),
    `Would send ${size(sentBytes)}; the engine has ${size(reusedBytes)}.`,
  ]
}
