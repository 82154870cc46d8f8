import { printable } from '../../../../manifests/index.js'
import { isPortable } from '../../../io/files/portable-name.js'
import type { WimSourceEntry, WimSourceImage } from './source.js'

/** In the note: an image of Linux may have thousands. */
const MOST_NAMES = 10

/**
 * A WIM can hold names that Windows does not allow, and wimlib applies them on Linux; on Windows a program
 * that applies the WIM leaves them out, renames them or fails.
 * @returns one line, if there are any
 */
export function namesNoneOnWindows(images: readonly WimSourceImage[]): string[] {
  const found: string[] = []
  let count = 0
  const visit = ({ children = [] }: WimSourceEntry, at: string): void => {
    for (const child of children) {
      const path = `${at}/${child.name}`
      if (!isPortable(child.name) || child.name.includes('\\')) {
        count++
        if (found.length < MOST_NAMES) found.push(path)
      }
      visit(child, path)
    }
  }
  for (const { root } of images) visit(root, '')
  if (count === 0) return []
  const more = count > found.length ? `, and ${count - found.length} more` : ''
  const names = count === 1 ? '1 name that Windows has not is' : `${count} names that Windows has not are`
  return [
    printable(`${names} kept, and may be lost where the WIM is applied there: ${found.join(', ')}${more}.`),
  ]
}
