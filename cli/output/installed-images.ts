import { present, printable } from '../../manifests/index.js'
import type { InstalledImage, InstallResult } from '../../provider/index.js'
import { fromHere } from './from-here.js'
import { gateLine } from './gates.js'
import { carriedLine, imageLabel, platformOrKind, taggedLine } from './image-label.js'
import { loadedLines, wouldLoadLines } from './loaded-images.js'
import { movedLines } from './moved-tags.js'
import { size } from './sizes.js'
import { signatureLines } from './trusted-keys.js'
import { whatIf } from './what-if.js'

type Expanded = NonNullable<InstallResult['expanded']>[number]

/** The document of `install --json`; with `--what-if` also where each image would come from. */
export function installDocument(result: InstallResult, isAsked = false): unknown {
  const { images, origins, copiedBytes, reusedBytes, expanded, loaded, failed } = result
  return present({
    images,
    origins: isAsked ? origins : undefined,
    copiedBytes,
    reusedBytes,
    expanded,
    loaded,
    gate: result.gate,
    signatures: result.signatures,
    failed,
  })
}

/** What was installed under which names, which tags moved, and how much was already there. */
export function installedLines(result: InstallResult): string[] {
  const there = new Set(result.alreadyThere)
  return [
    ...result.images.flatMap((image) => imageLines(image, there.has(image.digest))),
    ...movedLines(result.moved, 'moved'),
    ...(result.expanded ?? []).flatMap(expandedLines),
    ...gateLine(result.gate),
    `Copied ${size(result.copiedBytes)}, reused ${size(result.reusedBytes)}.`,
    ...(result.receipt === undefined ? [] : [`Receipt in ${printable(fromHere(result.receipt))}`]),
    ...signatureLines(result.signatures ?? []),
    ...(result.loaded ? loadedLines(result.loaded) : []),
  ]
}

function expandedLines({ path, bytes, losses, report, wasThere }: Expanded): string[] {
  if (wasThere) return [`${printable(path)} was already there`]
  const lost = `  ${losses} files have something that this file system cannot hold: ${printable(report)}`
  return [`Laid out in ${printable(path)}, ${size(bytes)}`, ...(losses > 0 ? [lost] : [])]
}

function imageLines(image: InstalledImage, wasThere: boolean): string[] {
  const what = `${imageLabel(image)} (${platformOrKind(image)})`
  return [
    wasThere ? `${what} was already there; nothing was copied` : `Installed ${what}, ${size(image.size)}`,
    ...(image.fullName === '' ? [] : [`  ${printable(image.fullName)}`]),
    `  ${image.digest}`,
    ...taggedLine(image.tags),
    ...carriedLine(image.artifacts),
  ]
}

export function wouldInstallLines(result: InstallResult): string[] {
  return [
    ...result.images.map(({ name, version }, at) =>
      whatIf(
        'Install Package',
        `Package ${printable(name)} version ${printable(version)} from ${printable(result.origins[at] ?? '')}`,
      ),
    ),
    ...movedLines(result.moved, 'would move'),
    `Would copy ${size(result.copiedBytes)} and reuse ${size(result.reusedBytes)}.`,
    ...(result.loaded ? wouldLoadLines(result.loaded) : []),
  ]
}
