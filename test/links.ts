import { symlinkSync } from 'node:fs'
import path from 'node:path'
import { scratch } from './scratch.js'

/** Whether this user may make symbolic links: on Windows that takes a privilege. */
export const MAY_LINK = mayLink()

/** A test that makes symbolic links: skipped where its user may not. */
export const itWithLinks = MAY_LINK ? it : it.skip

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
