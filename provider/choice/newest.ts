import { newestFirst, versionKey } from '../../catalog/entry-version.js'
import { isKnownByDigest } from '../names/by-digest.js'
import type { ChosenImage } from './chosen-image.js'

/**
 * If several versions of one name come together, only the newest can be `latest`, and none if one of them
 * already has that tag. An artifact never gets it: `latest` is for what can be run. Nor does an image that
 * was requested by digest.
 */
export function newestOfEachName(images: ChosenImage[]): Set<ChosenImage> {
  const named = images.filter(
    ({ name, version, artifact, root, annotations }) =>
      name !== '' && artifact === undefined && !isKnownByDigest(version, root.digest, annotations),
  )
  const newest = new Map<string, ChosenImage>()
  for (const image of named) {
    const known = newest.get(keyOf(image))
    if (!known || isLatest(image) || (!isLatest(known) && isNewer(image, known)))
      newest.set(keyOf(image), image)
  }
  // Images of one version for several platforms are all the newest.
  return new Set(named.filter((image) => newest.get(keyOf(image))?.version === image.version))
}

function keyOf({ name }: ChosenImage): string {
  return name.toLowerCase()
}

function isLatest({ version }: ChosenImage): boolean {
  return version === 'latest'
}

function isNewer(image: ChosenImage, known: ChosenImage): boolean {
  const [left, right] = [versionKey(image), versionKey(known)]
  const isByNumber = !left.version && !right.version
  return ((isByNumber && higherFirst(left.text, right.text)) || newestFirst(left, right)) < 0
}

/**
 * Tags that are not versions have numbers too: `8` is newer than `7`, `v1.10` than `v1.9`. 0 if no number
 * differs.
 */
function higherFirst(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split(/(\d+)/)) as [string[], string[]]
  const at = left.findIndex((part, i) => part !== right[i])
  // The text between the numbers is at even positions.
  return at % 2 === 1 ? Number(right[at] ?? -1) - Number(left[at]) : 0
}
