import type { Stats } from 'node:fs'
import { lstat, readlink, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, printable } from '../../../manifests/index.js'
import { kindInWords } from './regular-file.js'
import { fromSystem } from './system-errors.js'

/** What a name below a folder means, after its links were followed as far as they stay within the folder. */
export type Inside =
  | { kind: 'file'; path: string; size: number }
  | { kind: 'folder'; path: string }
  /** A link that leads out, to nothing, or in a circle; or something behind a folder that is such a link. */
  | { kind: 'link'; target: string; what: string }
  | { kind: 'other'; what: string }

/**
 * A folder that others wrote, such as one on a stick: its links are followed only to what lies in it, too.
 * The folders in between are looked at once; somebody who changes them in the meantime has the stick in hand.
 */
export class FolderFromOutside {
  /** Where the folders on the way are. */
  private readonly folders = new Map<string, string>()
  private real: Promise<string> | undefined

  constructor(readonly root: string) {}

  /**
   * @param name with forward slashes, and checked to stay below the folder
   * @returns undefined if there is nothing
   * @throws the system's errors in our words
   */
  async find(name: string): Promise<Inside | undefined> {
    const at = name.lastIndexOf('/')
    const parent = at < 0 ? this.root : await this.folder(name.slice(0, at))
    if (parent === undefined || typeof parent === 'object') return parent
    return await this.look(path.join(parent, name.slice(at + 1)))
  }

  /** The path of a folder on the way; or what is found in its place. */
  private async folder(name: string): Promise<string | Inside | undefined> {
    const known = this.folders.get(name)
    if (known !== undefined) return known
    const found = await this.find(name)
    if (found?.kind === 'folder') {
      this.folders.set(name, found.path)
      return found.path
    }
    return found?.kind === 'link' ? { ...found, what: `behind ${name}, which is ${found.what}` } : undefined
  }

  private async look(file: string): Promise<Inside | undefined> {
    try {
      const found = await lstat(file)
      return found.isSymbolicLink() ? await this.follow(file) : described(found, file)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
      throw fromSystem(error, `Reading ${file}`, 'source')
    }
  }

  private async follow(file: string): Promise<Inside> {
    const target = (await readlink(file)).replaceAll(path.sep, '/')
    const real = await realpath(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR' && error.code !== 'ELOOP') throw error
      return undefined
    })
    if (real === undefined) return { kind: 'link', target, what: 'a link that leads nowhere' }
    this.real ??= realpath(this.root)
    if (!isBelow(real, await this.real))
      return { kind: 'link', target, what: 'a link that leads out of the folder' }
    return described(await stat(real), real)
  }
}

function described(found: Stats, file: string): Inside {
  if (found.isFile()) return { kind: 'file', path: file, size: found.size }
  if (found.isDirectory()) return { kind: 'folder', path: file }
  return { kind: 'other', what: kindInWords(found) }
}

/** Whether a path is a folder, or lies below it; both without links. */
function isBelow(file: string, folder: string): boolean {
  const way = path.relative(folder, file)
  return way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way)
}

/**
 * The path of a file in a folder that others wrote; undefined where there is nothing of that name.
 * @throws UNSAFE_NAME for a link that leads out of it, NOT_A_FILE for what is none
 */
export async function fileInside(folder: string, name: string): Promise<string | undefined> {
  const found = await new FolderFromOutside(folder).find(name)
  if (!found) return undefined
  if (found.kind === 'file') return found.path
  const what = found.kind === 'folder' ? 'a folder' : found.what
  const code = found.kind === 'link' ? 'UNSAFE_NAME' : 'NOT_A_FILE'
  throw new ContainerImageError(code, `${printable(path.join(folder, name))} is ${what}.`, {
    side: 'source',
    expected: 'a regular file, or a link to one in the same folder',
    found: what,
  })
}
