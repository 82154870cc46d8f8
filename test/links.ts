import { symlinkSync } from 'node:fs'
import path from 'node:path'
import { scratch } from './scratch.js'

/** Whether this user may make symbolic links: on Windows that takes a privilege. */
export const MAY_LINK = mayLink()

/**
 * A test that makes symbolic links: skipped where its user may not. Asked for anew each time, as `it` is another one in each
 * file that a process of mocha runs: kept from the first file, it would give the tests of the others to that one, and nobody
 * would run them.
 */
export function itWithLinks(title: string, test: Mocha.AsyncFunc | Mocha.Func): void {
  if (MAY_LINK) it(title, test)
  else it.skip(title, test)
}

function mayLink(): boolean {
  const temporary = scratch()
  try {
    symlinkSync('nowhere', path.join(temporary.folder(), 'link'))
    return true
  } catch {
    return false
  } finally {
    temporary.remove()
  }
}
