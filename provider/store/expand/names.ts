import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { isUtf8 } from '../../archives/members/exact-text.js'
import { isPortable } from '../../io/files/portable-name.js'
import { removePathSync } from '../../io/files/rename-and-remove.js'

/**
 * Streams apart, no name on Windows has a colon; there it would lead to a stream of another file, or a folder. Of other
 * names that Windows does not have, NTFS would hold some all the same, which nobody could open or remove any more.
 */
export function untakenName(name: string): string | undefined {
  // Node writes the same for all bytes that are no UTF-8, so that two such names would be one.
  if (!isUtf8(name)) return 'the whole file, as its name is not UTF-8'
  if (name.includes(':')) return 'the whole file, as no name on Windows has a colon'
  if (process.platform !== 'win32' || isPortable(name)) return undefined
  return 'the whole file, as Windows has no such name'
}

/** Whether a file system takes names for one that differ in case; asked of a folder that is empty. */
export function foldsCase(root: string): boolean {
  const probe = path.join(root, 'case')
  mkdirSync(probe)
  const folds = existsSync(path.join(root, 'CASE'))
  removePathSync(probe, { recursive: true })
  return folds
}

export function folded(place: string): string {
  return place.toUpperCase()
}
