import { closeSync, constants, existsSync, lstatSync, openSync } from 'node:fs'
import { exactBytes, isUtf8 } from '../../archives/members/exact-text.js'

/**
 * The system lets the content of an open folder be named through it (proc(5)): no name along the path is
 * looked up again.
 */
const OPEN_HERE = '/proc/self/fd'
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0
const FOLDER = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0)

interface OpenFolder {
  path: string
  /** How the system is told of it. */
  place: string
  fd?: number
}

/**
 * The folders along the path to one place in a tree, each opened from the one above it, and never through a
 * link: putting a link in the place of a folder in the meantime leads nobody out of the tree.
 */
export class OpenFolders {
  private readonly stack: OpenFolder[]
  private readonly isSafe = existsSync(OPEN_HERE)

  /** @param root may be a link itself, as its owner named it */
  constructor(root: string) {
    this.stack = [this.isSafe ? opened('', root, FOLDER) : { path: '', place: root }]
  }

  /**
   * Where a name in a folder is found now; valid until the next call.
   * @param folder from the root, the empty one for itself
   * @throws ENOTDIR, ELOOP if one of the folders is not a folder
   */
  at(folder: string, name: string): string | Buffer {
    this.leave(folder)
    let top = this.top()
    const rest = top.path === '' ? folder : folder.slice(top.path.length + 1)
    for (const part of rest === '' ? [] : rest.split('/')) {
      const path = top.path === '' ? part : `${top.path}/${part}`
      const place = placeIn(top.place, part)
      top = this.isSafe ? opened(path, place, FOLDER | NO_FOLLOW) : checked(path, place)
      this.stack.push(top)
    }
    return placeIn(top.place, name)
  }

  close(): void {
    for (let one = this.stack.pop(); one; one = this.stack.pop()) if (one.fd !== undefined) closeSync(one.fd)
  }

  private top(): OpenFolder {
    return this.stack.at(-1) ?? { path: '', place: '' }
  }

  private leave(folder: string): void {
    for (let one = this.top(); one.path !== ''; one = this.top()) {
      if (folder === one.path || folder.startsWith(`${one.path}/`)) return
      this.stack.pop()
      if (one.fd !== undefined) closeSync(one.fd)
    }
  }
}

function opened(path: string, place: string | Buffer, flags: number): OpenFolder {
  const fd = openSync(place, flags)
  return { path, place: `${OPEN_HERE}/${fd}`, fd }
}

/** For systems without such names. */
function checked(path: string, place: string | Buffer): OpenFolder {
  if (!lstatSync(place).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' })
  return { path, place: place.toString() }
}

function placeIn(folder: string, name: string): string | Buffer {
  if (name === '') return folder
  const place = `${folder}/${name}`
  return isUtf8(place) ? place : exactBytes(place)
}
