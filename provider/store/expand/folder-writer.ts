import {
  closeSync,
  constants,
  copyFileSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import { ContainerImageError, show } from '../../../manifests/index.js'
import type { LayerTarEntry } from '../../archives/layers/layer-entries.js'
import { layerPath } from '../../archives/layers/layer-path.js'
import { linkedPath, MOST_LINKS } from '../../archives/layers/link-target.js'
import type { Whiteout } from '../../archives/layers/whiteout.js'
import type { Cursor } from '../../archives/members/cursor.js'
import { isUtf8 } from '../../archives/members/exact-text.js'
import { unsafe } from '../../archives/members/member-names.js'
import type { TarEntry } from '../../archives/members/tar-entries.js'
import { removePathSync } from '../../io/files/rename-and-remove.js'
import { hasNoSecondNames } from '../../io/files/second-names.js'
import { type LinkKind, linkKind, linkLosses, linkTypeOf, localTarget, makeLink } from './links.js'
import { type Losses, lostRecords } from './losses.js'
import { type MadeFolder, MadeFolders } from './made-folders.js'
import { folded, foldsCase, untakenName } from './names.js'
import { UnmadeLinks } from './unmade-links.js'

const CHUNK = 1024 * 1024

/**
 * Lays out the entries of layers in a folder. Calls are synchronous and files are written from buffers: an
 * image has a hundred thousand small ones. The file system never follows a link: an entry goes only into
 * folders that were made here, under names that were cleared. If a link of the image is on the way, its
 * target within the image is resolved here, whether or not the link itself could be made.
 */
export class FolderWriter {
  bytes = 0
  private readonly folders: MadeFolders
  /** How the names that were made are spelled, if the file system ignores case; by `folded`. */
  private readonly spellings: Map<string, string> | undefined
  private readonly unmade: UnmadeLinks
  /** What the current layer has added so far, and the folders that lead there. */
  private readonly ofLayer = new Set<string>()
  /** What was left out as a whole, and further names of it. */
  private readonly leftOut = new Set<string>()
  /** The file or folder that streams may belong to, by the name that its layer gives it. */
  private last: { name: string; takesStreams: boolean } | undefined

  constructor(
    private readonly root: string,
    private readonly label: string,
    private readonly losses: Losses,
  ) {
    this.folders = new MadeFolders(root)
    this.spellings = foldsCase(root) ? new Map() : undefined
    this.unmade = new UnmadeLinks(this.spellings !== undefined)
  }

  beginLayer(): void {
    this.ofLayer.clear()
    this.last = undefined
  }

  async add({ entry, whiteout }: LayerTarEntry, cursor: Cursor): Promise<void> {
    const name = layerPath(entry.rawName, 'windows', this.label).join('/')
    if (name === '') return
    if (whiteout) return this.whiteOut(whiteout)
    if (this.isStream(name, entry)) return await this.addStream(name, entry, cursor)
    this.last = { name, takesStreams: false }
    const untaken = untakenName(name) ?? this.linkToLeftOut(entry)
    if (untaken) return this.losses.add(name, this.leaveOut(name, untaken))
    this.leftOut.delete(name)
    try {
      const lost = await this.make(name, entry, cursor)
      this.last.takesStreams = entry.kind === 'file' || entry.kind === 'folder'
      this.losses.add(name, lost)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      // The report is for the file system's own limits; anything else is a failure.
      if (code !== 'ENAMETOOLONG' && code !== 'EILSEQ' && code !== 'EINVAL') throw error
      this.losses.add(
        name,
        this.leaveOut(name, `the whole file, as this file system does not take its name (${code})`),
      )
    }
  }

  private leaveOut(name: string, why: string): string[] {
    this.leftOut.add(name)
    return [why]
  }

  /** Another name for something left out would lead nowhere. */
  private linkToLeftOut({ kind, target = '' }: TarEntry): string | undefined {
    if (kind !== 'hard-link') return undefined
    const first = layerPath(target, 'windows', this.label).join('/')
    return this.leftOut.has(first) ? `the whole file, a hard link to ${first}, which is left out` : undefined
  }

  /** The times of folders, which changed with everything that was put into them. */
  end(): void {
    for (const { name, mtime } of this.folders.all()) utimesSync(this.at(name), mtime, mtime)
  }

  /** A folder of ours, whatever layers have put in its place; the content of one of their folders stays. */
  makeFolder(name: string): void {
    this.folderIn(this.folderAt(parentOf(name)), name)
  }

  /**
   * Makes room for a file of ours; links are removed and not followed. Returns whether there was anything.
   */
  clear(name: string): boolean {
    if (this.unmade.forget(name)) return true
    const there = lstatSync(this.at(name), { throwIfNoEntry: false, bigint: true })
    if (!there) return false
    if (there.isDirectory()) {
      this.folders.forget(name, there)
      this.unmade.forgetBelow(name)
    }
    removePathSync(this.at(name), { recursive: true })
    return true
  }

  /** Returns what was lost of it. */
  private async make(name: string, entry: TarEntry, cursor: Cursor): Promise<string[]> {
    const above = this.folderAt(parentOf(name))
    if (entry.kind === 'folder') {
      // A link is replaced by a folder, whatever it leads to.
      const folder = this.folderIn(above, name)
      folder.mtime = timeOf(entry)
      this.note(folder.above, folder.name)
      return lostRecords(entry)
    }
    const place = within(above.name, path.posix.basename(name))
    const other = this.otherSpelling(place)
    if (other !== undefined && this.ofLayer.has(other))
      return this.leaveOut(name, `the whole file, as this file system takes its name for that of ${other}`)
    this.clear(place)
    if (entry.isSparse)
      return this.leaveOut(name, 'the whole file, of which the layer has a map of holes instead of its bytes')
    if (entry.kind === 'other') return this.leaveOut(name, 'a device')
    if (entry.kind === 'file') {
      await this.writeFile(place, entry, cursor)
      this.note(above, place)
      return lostRecords(entry)
    }
    const lost = entry.kind === 'hard-link' ? this.link(place, entry) : this.symlink(place, entry)
    this.note(above, place)
    return entry.kind === 'hard-link' ? lost : [...lostRecords(entry), ...lost]
  }

  private async writeFile(place: string, entry: TarEntry, cursor: Cursor): Promise<void> {
    const fd = openSync(this.at(place), constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o644)
    try {
      for (let left = entry.size; left > 0; ) {
        const bytes = await cursor.take(Math.min(left, CHUNK))
        if (bytes.length === 0)
          throw this.invalid(entry.rawName, `${left} more bytes`, 'the end of the layer')
        for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done)
        left -= bytes.length
      }
      futimesSync(fd, timeOf(entry), timeOf(entry))
    } finally {
      closeSync(fd)
    }
    this.bytes += entry.size
  }

  /** Some systems would hard-link the target of a symlink, so the symlink is made again instead. */
  private link(place: string, { target = '' }: TarEntry): string[] {
    const name = layerPath(target, 'windows', this.label).join('/')
    const folder = this.folderThere(parentOf(name))
    if (!folder) throw unsafe(target, this.label)
    const firstPlace = within(folder.name, path.posix.basename(name))
    const unmade = this.unmade.at(firstPlace)
    if (unmade) return this.makeLink(unmade.target, place, unmade.kind)
    const first = this.at(firstPlace)
    const stats = lstatSync(first, { throwIfNoEntry: false })
    if (stats?.isSymbolicLink()) return this.makeLink(readlinkSync(first), place, linkTypeOf(first))
    if (!stats?.isFile())
      throw this.invalid(
        target,
        'hard links to files that are there',
        `one to ${stats ? 'a folder' : 'nothing'}`,
      )
    try {
      linkSync(first, this.at(place))
      return []
    } catch (error) {
      if (!hasNoSecondNames(error)) throw error
      copyFileSync(first, this.at(place), constants.COPYFILE_EXCL)
      this.bytes += stats.size
      return [`hard link to ${name}, made as a copy`]
    }
  }

  private symlink(place: string, entry: TarEntry): string[] {
    const target = localTarget(entry)
    if (!isUtf8(target)) return [`symlink to ${target}, a target that is not UTF-8`]
    const lost = this.makeLink(target, place, linkKind(entry))
    if (!this.unmade.at(place)) lutimesSync(this.at(place), timeOf(entry), timeOf(entry))
    return lost.length > 0 ? lost : linkLosses(entry)
  }

  private makeLink(target: string, place: string, kind: LinkKind): string[] {
    const lost = makeLink(target, this.at(place), kind)
    if (!lstatSync(this.at(place), { throwIfNoEntry: false })) this.unmade.add(place, { target, kind })
    return lost
  }

  /** The folder of a name, made with those above it if it is not there; anything in its way is removed. */
  private folderAt(name: string, links = 0): MadeFolder {
    const there = this.folderThere(name)
    if (there) return there
    const above = this.folderAt(parentOf(name), links)
    const linked = this.linkedFrom(above, name, links)
    return linked === undefined ? this.folderIn(above, name) : this.folderAt(linked, links + 1)
  }

  /** The same for the last part of a name; for links as well. */
  private folderIn(above: MadeFolder, name: string): MadeFolder {
    const place = within(above.name, path.posix.basename(name))
    const there = this.madeAt(above, name)
    if (there) return there
    const other = this.otherSpelling(place)
    if (other !== undefined && this.ofLayer.has(other))
      this.losses.add(other, [`the whole file, as this file system takes its name for that of ${place}`])
    this.clear(place)
    mkdirSync(this.at(place), 0o755)
    this.spellings?.set(folded(place), place)
    return this.folders.made(isSpelled(above, name) ? name : place, place, above)
  }

  /** The folder that a name leads to, if it was made here. */
  private folderThere(name: string, links = 0): MadeFolder | undefined {
    const known = this.folders.find(name)
    if (known) return known
    const above = this.folderThere(parentOf(name), links)
    if (!above) return undefined
    const there = this.madeAt(above, name)
    if (there) return there
    const linked = this.linkedFrom(above, name, links)
    return linked === undefined ? undefined : this.folderThere(linked, links + 1)
  }

  /** A folder in another one, if it was made here. A file system may have it under another spelling. */
  private madeAt(above: MadeFolder, name: string): MadeFolder | undefined {
    const place = within(above.name, path.posix.basename(name))
    const stats = lstatSync(this.at(place), { throwIfNoEntry: false, bigint: true })
    // The meaning of a name that leads through a link changes with the link.
    if (!stats?.isDirectory()) return undefined
    const made = this.folders.madeAs(stats, isSpelled(above, name) ? name : place)
    if (made) return made
    // A file system without numbers knows its folders by their names alone.
    const other = this.otherSpelling(place)
    return other === undefined ? undefined : this.folders.find(other)
  }

  /** Where a link in a folder leads within the image, if there is one. @throws UNSAFE_NAME for a circle */
  private linkedFrom(above: MadeFolder, name: string, links: number): string | undefined {
    const place = within(above.name, path.posix.basename(name))
    const target = this.unmade.at(place)?.target ?? this.linkAt(place)
    if (target === undefined) return undefined
    if (links >= MOST_LINKS) throw unsafe(name, this.label)
    return linkedPath(place.split('/'), target, 'windows').join('/')
  }

  private linkAt(place: string): string | undefined {
    const isLink = lstatSync(this.at(place), { throwIfNoEntry: false })?.isSymbolicLink()
    return isLink ? readlinkSync(this.at(place)) : undefined
  }

  /** Hides what lower layers added; what its own layer adds stays, wherever in the layer the whiteout is. */
  private whiteOut({ folder, name }: Whiteout): void {
    const found = this.folderThere(folder.join('/'))
    if (!found) return
    if (name === undefined) this.hideAllIn(found.name)
    else this.hide(within(found.name, name))
  }

  private hideAllIn(folder: string): void {
    for (const name of [...readdirSync(this.at(folder)), ...this.unmade.namesIn(folder)])
      this.hide(within(folder, name))
  }

  private hide(name: string): void {
    const place = this.otherSpelling(name) ?? name
    if (!this.ofLayer.has(place)) this.clear(place)
    else if (lstatSync(this.at(place), { throwIfNoEntry: false })?.isDirectory()) this.hideAllIn(place)
  }

  /** Folders that lead to what a layer adds count as its own, too. */
  private note(folder: MadeFolder | undefined, place: string): void {
    this.ofLayer.add(place)
    this.spellings?.set(folded(place), place)
    for (let at = folder; at && !this.ofLayer.has(at.name); at = at.above) this.ofLayer.add(at.name)
  }

  private isStream(name: string, { kind }: TarEntry): boolean {
    return kind === 'file' && this.last !== undefined && name.startsWith(`${this.last.name}:`)
  }

  /**
   * NTFS takes a stream under its own name; elsewhere it is reported, with its size. A link's stream would be
   * its target's.
   */
  private async addStream(name: string, entry: TarEntry, cursor: Cursor): Promise<void> {
    const { name: owner, takesStreams } = this.last ?? { name: '', takesStreams: false }
    const folder = this.folderThere(parentOf(owner))
    const stream = name.slice(owner.length + 1)
    if (process.platform === 'win32' && takesStreams && folder && untakenName(stream) === undefined)
      await this.writeFile(within(folder.name, `${path.posix.basename(owner)}:${stream}`), entry, cursor)
    else this.losses.add(owner, [`alternate data stream ${stream} of ${entry.size} bytes`])
  }

  /** The existing entry whose name differs only in case, if the file system treats both as one. */
  private otherSpelling(place: string): string | undefined {
    const spelled = this.spellings?.get(folded(place))
    if (spelled === undefined || spelled === place) return undefined
    return lstatSync(this.at(place), { throwIfNoEntry: false }) ? spelled : undefined
  }

  private at(place: string): string {
    return path.join(this.root, place)
  }

  private invalid(name: string, expected: string, found: string): ContainerImageError {
    return new ContainerImageError('ARCHIVE_INVALID', `${this.label} holds ${show(name)} damaged.`, {
      side: 'source',
      expected,
      found,
      details: { path: name },
    })
  }
}

/** Whether a name leads to its folder directly, and not by a link. */
function isSpelled(above: MadeFolder, name: string): boolean {
  return above.name === parentOf(name)
}

function parentOf(name: string): string {
  const at = name.lastIndexOf('/')
  return at < 0 ? '' : name.slice(0, at)
}

function within(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

function timeOf({ records, mtime }: TarEntry): number {
  return Number(records?.get('mtime')?.toString('latin1') ?? mtime) || 0
}
