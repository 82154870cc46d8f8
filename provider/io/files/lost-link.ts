import { existsSync, lstatSync } from 'node:fs'
import path from 'node:path'

/**
 * The link, at this path or above it, that leads to what is not there: a disk that is not mounted, for example. What such
 * a file says is unknown, which is something else than a file that nobody has written yet.
 */
export function lostLink(file: string): string | undefined {
  for (let place = path.resolve(file); ; place = path.dirname(place)) {
    if (existsSync(place)) return undefined
    const isLink = isLinkThere(place)
    if (isLink !== undefined) return isLink ? place : undefined
    if (path.dirname(place) === place) return undefined
  }
}

/** Undefined if there is nothing at all. */
function isLinkThere(place: string): boolean | undefined {
  try {
    return lstatSync(place).isSymbolicLink()
  } catch {
    return undefined
  }
}
