import { printable } from '../../manifests/index.js'
import type { UninstallResult } from '../../provider/index.js'
import { shortId } from './ids.js'
import { size } from './sizes.js'
import { whatIf } from './what-if.js'

/** What was removed, where `latest` went, and how much room that made. */
export function uninstalledLines({
  removed,
  latest = [],
  expanded = [],
  freedBytes,
}: UninstallResult): string[] {
  return [
    ...removed.flatMap((image) => [
      `Uninstalled ${printable(image.name)} ${printable(image.version)}`,
      `  ${printable(image.fullName)}`,
      `  ${image.digest}`,
      `  untagged ${image.tags.map(printable).join(', ')}`,
    ]),
    ...latest.map(
      ({ tag, version, digest }) => `${printable(tag)} is now ${printable(version)} (${shortId(digest)})`,
    ),
    ...expanded.map(({ path, bytes }) => `Removed the folder ${printable(path)}, ${size(bytes)}`),
    `Freed ${size(freedBytes)}.`,
  ]
}

export function wouldUninstallLines({
  removed,
  latest = [],
  expanded = [],
  freedBytes,
}: UninstallResult): string[] {
  return [
    ...removed.map(({ name, version }) =>
      whatIf('Uninstall Package', `Package ${printable(name)} version ${printable(version)}`),
    ),
    ...latest.map(
      ({ tag, version, digest }) =>
        `${printable(tag)} would become ${printable(version)} (${shortId(digest)})`,
    ),
    ...expanded.map(({ path, bytes }) => `Would remove the folder ${printable(path)}, ${size(bytes)}`),
    `Would free ${size(freedBytes)}.`,
  ]
}
