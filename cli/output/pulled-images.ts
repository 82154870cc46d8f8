import { isReference, parseReference, printable } from '../../manifests/index.js'
import type { InstallResult } from '../../provider/index.js'
import { movedLines } from './moved-tags.js'
import { size } from './sizes.js'

/** What `docker pull` prints of each image, when its layers are there. */
export function pulledLines(result: InstallResult): string[] {
  const there = new Set(result.alreadyThere)
  return distinctReferences(result).flatMap(({ image, name, digest }) => {
    const status = there.has(image.digest) ? 'Image is up to date' : 'Downloaded newer image'
    return [...fromLine(name), `Digest: ${digest}`, `Status: ${status} for ${name}`, name]
  })
}

/** The references alone, as `docker pull --quiet` prints them. */
export function pulledNames(result: InstallResult): string[] {
  return distinctReferences(result).map(({ name }) => name)
}

/** What docker does not print: which names moved, and how much was fetched; the JSON document says the latter. */
export function pulledNotes(result: InstallResult, isJson: boolean): string[] {
  return [
    ...movedLines(result.moved, 'moved'),
    ...(isJson ? [] : [`Copied ${size(result.copiedBytes)}, reused ${size(result.reusedBytes)}.`]),
  ]
}

/** What was pulled for several platforms is one reference all the same. */
function distinctReferences(
  result: InstallResult,
): { image: InstallResult['images'][number]; name: string; digest: string }[] {
  const all = result.images.map((image, at) => ({ image, ...resolvedAt(result, at) }))
  return [...new Map(all.map((one) => [`${one.name} ${one.digest}`, one])).values()]
}

/** A reference always with its tag, as docker completes it. */
function resolvedAt({ images, resolved }: InstallResult, at: number): { name: string; digest: string } {
  const { name = '', digest = images[at]?.digest ?? '' } = resolved?.[at] ?? {}
  const last = name.slice(name.lastIndexOf('/') + 1)
  return { name: printable(/[:@]/.test(last) ? name : `${name}:latest`), digest }
}

function fromLine(name: string): string[] {
  if (!isReference(name)) return []
  const { repository, tag, digest } = parseReference(name)
  return [`${tag ?? digest ?? 'latest'}: Pulling from ${repository}`]
}
