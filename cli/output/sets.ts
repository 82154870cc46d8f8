import { printable } from '../../manifests/index.js'
import type { ChangedImage, SetChange, SetOutdatedResult, SetUpdateResult } from '../../provider/index.js'
import { counted } from './counted.js'
import { fromHere } from './from-here.js'
import { shortId } from './ids.js'
import { size } from './sizes.js'
import { table } from './table.js'

/** What a set means now that something else does not have. */
export function outdatedLines({ compared, images }: SetOutdatedResult, width?: number): string[] {
  return compared.flatMap(({ with: known, changes }) => {
    const place = `${printable(known.name)} (${printable(known.kind)})`
    if (changes.length === 0) return [`Nothing is newer than ${place}: ${counted(images, 'image')}.`]
    return [...changeTable(changes, width), `${counted(changes.length, 'change')} since ${place}.`]
  })
}

export function updatedLines(
  { lock, written, images, changes }: SetUpdateResult,
  whatIf: boolean,
  width?: number,
): string[] {
  const file = printable(fromHere(lock))
  if (changes.length === 0 && !written) return [`Lock ${file}: nothing new, ${counted(images, 'image')}.`]
  const added = changes.reduce((sum, { now }) => sum + (now?.layers?.addedBytes ?? 0), 0)
  const done = whatIf ? `Lock ${file} would have` : `Lock ${file} has`
  const what = `${counted(images, 'image')}, ${counted(changes.length, 'change')}`
  return [
    ...(changes.length > 0 ? changeTable(changes, width) : []),
    `${done} ${what}, ${size(added)} in new layers.`,
  ]
}

function changeTable(changes: SetChange[], width?: number): string[] {
  const columns = [
    { title: 'NAME', shrinks: 1 },
    { title: 'PLATFORM' },
    { title: 'WAS' },
    { title: 'IS' },
    { title: 'CHANGE' },
    { title: 'SIZE', align: 'right' as const },
    { title: 'NEW LAYERS' },
  ]
  const rows = changes.map((change) => [
    change.name,
    change.platform,
    versionOf(change.before, change),
    versionOf(change.now, change),
    change.kind,
    change.now?.size === undefined ? '-' : size(change.now.size),
    layersOf(change.now),
  ])
  // If nothing was planned, sizes and layers are not known.
  const areKnown = changes.some(({ now }) => now?.size !== undefined)
  const shown = areKnown ? columns : columns.slice(0, 5)
  return table(shown, rows, { width, gap: 3 })
}

/** If a version means another image, only the digest shows it. */
function versionOf(image: ChangedImage | undefined, { kind }: SetChange): string {
  if (!image) return '-'
  return kind === 'moved' && image.digest ? `${image.version} (${shortId(image.digest)})` : image.version
}

function layersOf(image: ChangedImage | undefined): string {
  if (!image?.layers) return '-'
  const { count, added, addedBytes } = image.layers
  return `${added} of ${count}, ${size(addedBytes)}`
}

/** The one line about the lock that a save has written. */
export function lockLine({
  path,
  written,
  images,
  changes,
}: {
  path: string
  written: boolean
  images: number
  changes: SetChange[]
}): string[] {
  if (!written) return []
  return [
    `Lock ${printable(fromHere(path))}: ${counted(images, 'image')}, ${counted(changes.length, 'change')}`,
  ]
}
