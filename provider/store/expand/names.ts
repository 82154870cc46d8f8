import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { isUtf8 } from '../../archives/members/exact-text.js'
import { isPortable } from '../../io/files/portable-name.js'
import { removePathSync } from '../../io/files/rename-and-remove.js'

/**
 * Apart from streams, no name on Windows has a colon; there it would lead to a stream of another file, or a
 * folder. NTFS would accept some other names that Windows does not allow, and nobody could open or remove
 * them any more.
 */
export function untakenName(name: string): string | undefined {
  // Node writes the same for all bytes that are not UTF-8, so two such names would become one.
  if (!isUtf8(name)) return 'the whole file, as its name is not UTF-8'
  if (name.includes(':')) return 'the whole file, as no name on Windows has a colon'
  if (process.platform !== 'win32' || isPortable(name)) return undefined
  return 'the whole file, as Windows has no such name'
}

/** Whether a file system treats names that differ only in case as one; to be called with an empty folder. */
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
