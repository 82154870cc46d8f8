import { printable } from '../../manifests/index.js'
import type { InstalledImage, InstallResult } from '../../provider/index.js'
import { fromHere } from './from-here.js'
import { shortId } from './ids.js'
import { loadedLines, wouldLoadLines } from './loaded-images.js'
import { size } from './sizes.js'
import { whatIf } from './what-if.js'

type Expanded = NonNullable<InstallResult['expanded']>[number]

/** The document of `install --json`. */
export function installDocument(result: InstallResult): unknown {
  const { images, copiedBytes, reusedBytes, expanded, loaded } = result
  return {
    images,
    copiedBytes,
    reusedBytes,
    ...(expanded ? { expanded } : {}),
    ...(loaded ? { loaded } : {}),
  }
}

/** What was installed under which names, which tags moved, and how much had been there. */
export function installedLines(result: InstallResult): string[] {
  const there = new Set(result.alreadyThere)
  return [
    ...result.images.flatMap((image) => imageLines(image, there.has(image.digest))),
    ...movedLines(result, 'moved'),
    ...(result.expanded ?? []).flatMap(expandedLines),
    `Copied ${size(result.copiedBytes)}, reused ${size(result.reusedBytes)}.`,
    ...(result.receipt === undefined ? [] : [`Receipt in ${printable(fromHere(result.receipt))}`]),
    ...(result.loaded ? loadedLines(result.loaded) : []),
  ]
}

function expandedLines({ path, bytes, losses, report, wasThere }: Expanded): string[] {
  if (wasThere) return [`${printable(path)} was there already`]
  const lost = `  ${losses} files have something that this file system does not hold: ${printable(report)}`
  return [`Laid out in ${printable(path)}, ${size(bytes)}`, ...(losses > 0 ? [lost] : [])]
}

function imageLines(image: InstalledImage, wasThere: boolean): string[] {
  const what = `${printable(image.name)} ${printable(image.version)} (${image.platform})`
  return [
    wasThere ? `${what} was there already; nothing was copied` : `Installed ${what}, ${size(image.size)}`,
    `  ${printable(image.fullName)}`,
    `  ${image.digest}`,
    `  tagged ${image.tags.map(printable).join(', ')}`,
  ]
}

/** Which names named another image before. */
export function movedLines({ moved }: InstallResult, verb: string): string[] {
  return moved.map(({ tag, from, fromVersion }) => {
    const before = fromVersion === undefined ? shortId(from) : `${printable(fromVersion)} (${shortId(from)})`
    return `${printable(tag)} ${verb} away from ${before}`
  })
}

export function wouldInstallLines(result: InstallResult): string[] {
  return [
    ...result.images.map(({ name, version }, at) =>
      whatIf(
        'Install Package',
        `Package ${printable(name)} version ${printable(version)} from ${printable(result.origins[at] ?? '')}`,
      ),
    ),
    ...movedLines(result, 'would move'),
    `Would copy ${size(result.copiedBytes)} and reuse ${size(result.reusedBytes)}.`,
    ...(result.loaded ? wouldLoadLines(result.loaded) : []),
  ]
}
