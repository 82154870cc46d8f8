import { formatPlatform, type Platform } from '../manifests/index.js'
import type { Entry } from './entry.js'
import { compareFit, fits } from './platform-fit.js'

/** The platforms that an entry is known to have; none if that is not known before it is read. */
export function platformsOf(entry: Entry): Platform[] {
  return entry.platforms ?? (entry.platform ? [entry.platform] : [])
}

/** Whether an entry may hold an image for a platform; one that does not say its platform may. */
export function mayHold(entry: Entry, wanted: Platform): boolean {
  const platforms = platformsOf(entry)
  return platforms.length === 0 || platforms.some((platform) => fits(wanted, platform))
}

/** Orders entries of one version by how well they fit a platform; those without one come last. */
export function compareEntryFit(wanted: Platform, a: Entry, b: Entry): number {
  const [left, right] = [bestOf(a, wanted), bestOf(b, wanted)]
  if (!left || !right) return Number(!left) - Number(!right)
  return compareFit(wanted, left, right)
}

/** The platform of an entry that fits best, to be shown beside it. */
export function bestOf(entry: Entry, wanted: Platform): Platform | undefined {
  return platformsOf(entry)
    .filter((platform) => fits(wanted, platform))
    .sort((a, b) => compareFit(wanted, a, b))[0]
}

/** A text to sort and to compare by. */
export function platformKey(entry: Entry): string {
  return platformsOf(entry).map(formatPlatform).join(' ')
}
