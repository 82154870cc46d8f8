import { printable } from '../../manifests/index.js'
import type { UninstallResult } from '../../provider/index.js'
import { shortId } from './ids.js'
import { imageLabel } from './image-label.js'
import { size } from './sizes.js'
import { whatIf } from './what-if.js'

/** What was removed, where `latest` went, and how much room that made. */
export function uninstalledLines({
  removed,
  latest = [],
  expanded = [],
  kept = [],
  freedBytes,
}: UninstallResult): string[] {
  return [
    ...removed.flatMap(removedLines),
    ...latest.map(
      ({ tag, version, digest }) => `${printable(tag)} is now ${printable(version)} (${shortId(digest)})`,
    ),
    ...expanded.map(({ path, bytes }) => `Removed the folder ${printable(path)}, ${size(bytes)}`),
    ...kept.map((folder) => keptLine('Kept', folder)),
    `Freed ${size(freedBytes)}.`,
  ]
}

export function wouldUninstallLines({
  removed,
  latest = [],
  expanded = [],
  kept = [],
  freedBytes,
}: UninstallResult): string[] {
  return [
    ...removed.flatMap(wouldRemoveLines),
    ...latest.map(
      ({ tag, version, digest }) =>
        `${printable(tag)} would become ${printable(version)} (${shortId(digest)})`,
    ),
    ...expanded.map(({ path, bytes }) => `Would remove the folder ${printable(path)}, ${size(bytes)}`),
    ...kept.map((folder) => keptLine('Would keep', folder)),
    `Would free ${size(freedBytes)}.`,
  ]
}

type Removed = UninstallResult['removed'][number]

/** If another name is left, only a name was removed. */
function removedLines(image: Removed): string[] {
  const { fullName, digest, tags, remaining } = image
  const untagged = tags.map(printable).join(', ')
  if (remaining) return [`Untagged ${untagged}`, ...staysLine(remaining, 'stays')]
  return [
    `Uninstalled ${imageLabel(image)}`,
    ...(fullName === '' ? [] : [`  ${printable(fullName)}`]),
    `  ${digest}`,
    ...(tags.length > 0 ? [`  untagged ${untagged}`] : []),
  ]
}

function wouldRemoveLines(image: Removed): string[] {
  const { name, version, tags, remaining } = image
  const untagged = tags.map(printable).join(', ')
  if (remaining) return [whatIf('Remove Tag', untagged), ...staysLine(remaining, 'would stay')]
  const what = name === '' ? imageLabel(image) : `Package ${printable(name)} version ${printable(version)}`
  return [whatIf('Uninstall Package', what), ...(tags.length > 0 ? [`  would untag ${untagged}`] : [])]
}

function staysLine(remaining: string[], verb: string): string[] {
  return [`  the image ${verb} as ${remaining.map(printable).join(', ')}`]
}

function keptLine(verb: string, { path, stores }: NonNullable<UninstallResult['kept']>[number]): string {
  const why =
    stores.length > 0
      ? `it was laid out for ${stores.map(printable).join(', ')}`
      : 'it does not say that it was laid out for this store'
  return `${verb} the folder ${printable(path)}: ${why}`
}
