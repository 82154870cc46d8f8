import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { ContainerImageError, show } from '../../../manifests/index.js'
import { exactBytes, isUtf8 } from '../../archives/members/exact-text.js'
import type { Bytes } from '../../io/bytes.js'
import { removePathSync } from '../../io/files/rename-and-remove.js'
import type { TreeEntry } from '../tree/entry.js'
import type { Losses } from './losses.js'
import { isMarkName } from './unpack-mark.js'

/** Until everything is there, nobody else may access it. */
const PRIVATE_FOLDER = 0o700
const PRIVATE_FILE = 0o600
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0)
/** How a file system reports a name or a kind of file that it cannot have. */
const CANNOT_HAVE = new Set(['ENAMETOOLONG', 'EILSEQ', 'EINVAL', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP'])

export interface RootFolderOptions {
  /** Whether entries get the owners that the image says. */
  keepsOwners: boolean
  /** Replace files and links that are there. */
  force: boolean
  /** Whether existing folders are from a stopped run, which may already have set their final modes. */
  goesOn?: boolean
  /** Modes, owners and times are those of new files: what is made is only read. Default: the image's. */
  isPlain?: boolean
}

/**
 * Makes the entries of an image's tree in a folder. A tree has no entry below a link, and links are made last, so that no
 * path that is made leads through one. Calls are synchronous: an image has a hundred thousand small files.
 */
export class RootFolder {
  /** Anything in these was left out, as they were themselves. */
  private readonly leftOut = new Set<string>()

  constructor(
    readonly root: string,
    private readonly losses: Losses,
    private readonly options: RootFolderOptions,
  ) {}

  /** Where a path of the tree is here; as bytes if the name is not UTF-8. */
  at(path: string): string | Buffer {
    return isUtf8(path) ? `${this.root}/${path}` : exactBytes(`${this.root}/${path}`)
  }

  makeFolder(entry: TreeEntry): void {
    this.make(entry, (place) => {
      const there = this.options.force ? lstatSync(place, { throwIfNoEntry: false }) : undefined
      if (there?.isDirectory()) {
        if (this.options.goesOn) chmodSync(place, PRIVATE_FOLDER)
        return
      }
      if (there) removePathSync(place)
      mkdirSync(place, PRIVATE_FOLDER)
    })
  }

  /** Writes a file from bytes that are to be its size. @returns how many they were */
  async writeFile(entry: TreeEntry, bytes: Bytes): Promise<number> {
    const fd = this.make(entry, (place) => {
      this.clear(place, entry.path)
      return openSync(place, NEW_FILE, PRIVATE_FILE)
    })
    if (fd === undefined) return 0
    let written = 0
    try {
      for await (const chunk of bytes) {
        for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done)
        written += chunk.length
      }
      this.settle(entry, fd)
    } finally {
      closeSync(fd)
    }
    return written
  }

  makeLink(entry: TreeEntry): void {
    this.make(entry, (place) => {
      this.clear(place, entry.path)
      symlinkSync(linkText(entry.target ?? ''), place)
      this.own(entry, () => lchownSync(place, entry.uid, entry.gid))
      lutimesSync(place, entry.mtime, entry.mtime)
    })
  }

  /** A further name of a file that is there. */
  makeName(entry: TreeEntry, first: string): void {
    this.make(entry, (place) => {
      if (this.isLeftOut(first)) {
        this.leaveOut(entry.path, `it is another name of /${first}, which is left out`)
        return
      }
      this.clear(place, entry.path)
      linkSync(this.at(first), place)
    })
  }

  /** Makes room for a device or pipe, which a program makes. @returns where; undefined if it is left out */
  roomFor(entry: TreeEntry): string | Buffer | undefined {
    return this.make(entry, (place) => {
      this.clear(place, entry.path)
      return place
    })
  }

  /** What a device or pipe is to be once it is made. */
  finishSpecial(entry: TreeEntry): void {
    this.make(entry, (place) => {
      this.own(entry, () => lchownSync(place, entry.uid, entry.gid))
      chmodSync(place, entry.mode)
      utimesSync(place, entry.mtime, entry.mtime)
    })
  }

  /** Gives the root the mode that it is to have, but lets its owner still take something away from it. */
  openRoot({ mode }: TreeEntry): void {
    chmodSync(this.root, mode | PRIVATE_FOLDER)
  }

  /** What a folder is to be once nothing more comes into it. */
  finishFolder(entry: TreeEntry): void {
    if (this.isLeftOut(entry.path)) return
    const place = entry.path === '' ? this.root : this.at(entry.path)
    this.own(entry, () => lchownSync(place, entry.uid, entry.gid))
    chmodSync(place, entry.mode)
    utimesSync(place, entry.mtime, entry.mtime)
  }

  leaveOut(path: string, what: string): void {
    this.leftOut.add(path)
    this.losses.add(path, what)
  }

  isLeftOut(path: string): boolean {
    return this.leftOut.size > 0 && this.leftOut.has(path)
  }

  private make<T>(entry: TreeEntry, step: (place: string | Buffer) => T): T | undefined {
    const above = entry.path.slice(0, Math.max(0, entry.path.lastIndexOf('/')))
    if (this.isLeftOut(above)) {
      this.leaveOut(entry.path, 'its folder is left out')
      return undefined
    }
    if (isMarkName(entry.path)) {
      this.leaveOut(entry.path, 'its name is that of the mark of a folder that is being unpacked into')
      return undefined
    }
    try {
      return step(this.at(entry.path))
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? ''
      if (code === 'EEXIST')
        this.leaveOut(entry.path, 'this file system takes its name for that of another file')
      else if (CANNOT_HAVE.has(code))
        this.leaveOut(entry.path, `this file system or user cannot make it (${code})`)
      else throw error
      return undefined
    }
  }

  /** Makes room if that is allowed; a folder is never removed to make way for a file. */
  private clear(place: string | Buffer, path: string): void {
    if (!this.options.force) return
    const there = lstatSync(place, { throwIfNoEntry: false })
    if (there?.isDirectory()) throw inTheWay(path)
    if (there) removePathSync(place)
  }

  /** Mode after owner: changing the owner clears setuid. */
  private settle(entry: TreeEntry, fd: number): void {
    if (this.options.isPlain) return
    this.own(entry, () => fchownSync(fd, entry.uid, entry.gid))
    fchmodSync(fd, entry.mode)
    futimesSync(fd, entry.mtime, entry.mtime)
  }

  private own({ uid, gid }: TreeEntry, step: () => void): void {
    if (this.options.keepsOwners) step()
    else if (uid !== process.getuid?.() || gid !== process.getgid?.()) this.losses.foreignOwners++
  }
}

function linkText(target: string): string | Buffer {
  return isUtf8(target) ? target : exactBytes(target)
}

function inTheWay(path: string): ContainerImageError {
  return new ContainerImageError('FILE_EXISTS', `A folder is in the place of the file ${show(path)}.`, {
    side: 'destination',
    expected: 'nothing, or a file to replace',
    found: 'a folder',
    remedy: 'Unpack into a new folder.',
  })
}
