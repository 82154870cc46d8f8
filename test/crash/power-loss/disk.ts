import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import type { Change } from './record.js'

/** What a name leads to. */
type Node = FileNode | FolderNode | LinkNode

interface FileNode {
  kind: 'file'
  /** What is on the disk whatever happens: as it was at the last sync. */
  synced: Content
  now: Content
  /** What was done since then. */
  unsynced: DataChange[]
}

export interface Content {
  bytes: Buffer
  mode: number
}

type DataChange = { at: number; bytes: Buffer } | { size: number } | { mode: number }

interface FolderNode {
  kind: 'folder'
  mode: number
  synced: Map<string, Node>
  now: Map<string, Node>
}

interface LinkNode {
  kind: 'link'
  target: string
}

/** A change of names that no sync of its folder has made lasting: a rename is one, and happens wholly or not at all. */
interface NameChange {
  /** The folder of which a sync makes it lasting. */
  folder: FolderNode
  set?: { folder: FolderNode; name: string; node: Node }
  remove?: { folder: FolderNode; name: string }
}

/** What of the changes that were not synced a loss of power leaves. */
export interface Loss {
  title: string
  /** Whether a change of names is there. @param i counted from the oldest; @param of how many there are */
  keepsName(i: number, of: number): boolean
  /** How a file is found of which the latest changes were not synced. */
  content(file: UnsyncedFile): Content
}

export interface UnsyncedFile {
  synced: Content
  now: Content
  changes: readonly DataChange[]
}

/**
 * A disk as strict as POSIX lets it be: bytes last once their file was synced, names once their folder was, and what was
 * not synced may have reached the disk in any order, or not. (ALICE, OSDI 2014; CrashMonkey, OSDI 2018.)
 */
export class Disk {
  private readonly top: FolderNode
  private pending: NameChange[] = []

  constructor(root: string) {
    this.top = readFolder(root)
  }

  apply(change: Change): void {
    switch (change.kind) {
      case 'open':
        this.open(change)
        break
      case 'write':
        this.onFile(change.name, (file) => {
          const at = Number.isFinite(change.at) ? change.at : file.now.bytes.length
          changeData(file, { at, bytes: change.bytes })
        })
        break
      case 'copy':
        this.copy(change)
        break
      case 'size':
        this.onFile(change.name, (file) => {
          if (!change.onlyGrows || change.size > file.now.bytes.length)
            changeData(file, { size: change.size })
        })
        break
      case 'mode':
        this.onFile(change.name, (file) => changeData(file, { mode: change.mode }))
        break
      case 'sync':
        this.sync(change.name)
        break
      case 'mkdir':
        this.set(change.name, { kind: 'folder', mode: change.mode, synced: new Map(), now: new Map() })
        break
      case 'symlink':
        this.set(change.to, { kind: 'link', target: change.target })
        break
      case 'link':
        this.link(change.from, change.to)
        break
      case 'rename':
        this.rename(change.from, change.to)
        break
      case 'remove':
        this.remove(change.name)
        break
    }
  }

  /** Whether nothing would be lost. */
  get isSynced(): boolean {
    return this.pending.length === 0 && this.unsyncedFiles().length === 0
  }

  /** What is found after a loss of power, put into an empty folder. */
  write(root: string, loss: Loss): void {
    const names = new Map<FolderNode, Map<string, Node>>()
    const namesOf = (folder: FolderNode): Map<string, Node> => {
      const known = names.get(folder) ?? new Map(folder.synced)
      names.set(folder, known)
      return known
    }
    const { pending } = this
    pending.forEach(({ set, remove }, i) => {
      if (!loss.keepsName(i, pending.length)) return
      if (remove) namesOf(remove.folder).delete(remove.name)
      if (set) namesOf(set.folder).set(set.name, set.node)
    })
    writeFolder(root, this.top, namesOf, loss)
  }

  private open({ name, mode, truncates }: Extract<Change, { kind: 'open' }>): void {
    const there = this.find(name)
    if (there?.kind === 'file') {
      if (truncates) changeData(there, { size: 0 })
      return
    }
    const empty = { bytes: Buffer.alloc(0), mode }
    this.set(name, { kind: 'file', synced: empty, now: empty, unsynced: [] })
  }

  private copy({ name, at, from, fromAt, count }: Extract<Change, { kind: 'copy' }>): void {
    const source = this.find(from)
    if (source?.kind !== 'file') throw new Error(`${from} is no file that the recording knows.`)
    const bytes = source.now.bytes.subarray(fromAt, fromAt + count)
    this.onFile(name, (file) => changeData(file, { at, bytes }))
  }

  private link(from: string, to: string): void {
    const node = this.find(from)
    if (node) this.set(to, node)
  }

  private remove(at: string): void {
    const place = this.place(at)
    place.folder.now.delete(place.name)
    this.pending.push({ folder: place.folder, remove: place })
  }

  private rename(from: string, to: string): void {
    const [source, target] = [this.place(from), this.place(to)]
    const node = source.folder.now.get(source.name)
    if (!node) return
    source.folder.now.delete(source.name)
    target.folder.now.set(target.name, node)
    this.pending.push({ folder: target.folder, set: { ...target, node }, remove: source })
  }

  private sync(name: string): void {
    const node = name === '' ? this.top : this.find(name)
    if (node?.kind === 'file') {
      node.synced = node.now
      node.unsynced = []
    }
    if (node?.kind !== 'folder') return
    const outdated = new Set<NameChange>()
    for (const [i, change] of this.pending.entries()) {
      const { folder, set, remove } = change
      if (folder !== node) continue
      remove?.folder.synced.delete(remove.name)
      set?.folder.synced.set(set.name, set.node)
      // What a rename took away was made before it: that cannot reach the disk later.
      for (const earlier of this.pending.slice(0, i)) if (isOf(earlier, remove)) outdated.add(earlier)
    }
    this.pending = this.pending.filter((change) => change.folder !== node && !outdated.has(change))
  }

  private set(name: string, node: Node): void {
    const place = this.place(name)
    place.folder.now.set(place.name, node)
    this.pending.push({ folder: place.folder, set: { ...place, node } })
  }

  private onFile(name: string, work: (file: FileNode) => void): void {
    const node = this.find(name)
    if (node?.kind === 'file') work(node)
  }

  private find(name: string): Node | undefined {
    let node: Node | undefined = this.top
    for (const part of name.split('/').filter(Boolean))
      node = node?.kind === 'folder' ? node.now.get(part) : undefined
    return node
  }

  private place(name: string): { folder: FolderNode; name: string } {
    const folder = this.find(path.posix.dirname(name) === '.' ? '' : path.posix.dirname(name))
    if (folder?.kind !== 'folder') throw new Error(`${name} lies in no folder that the recording knows.`)
    return { folder, name: path.posix.basename(name) }
  }

  private unsyncedFiles(): FileNode[] {
    const found: FileNode[] = []
    const walk = (folder: FolderNode): void => {
      for (const node of folder.now.values()) {
        if (node.kind === 'folder') walk(node)
        if (node.kind === 'file' && node.unsynced.length > 0) found.push(node)
      }
    }
    walk(this.top)
    return found
  }
}

/** Whether a change is of a name, and of nothing besides. */
function isOf({ set, remove }: NameChange, place: NameChange['remove']): boolean {
  const isSame = (one: NameChange['remove']): boolean =>
    one === undefined || (one.folder === place?.folder && one.name === place.name)
  return place !== undefined && isSame(set) && isSame(remove)
}

function changeData(file: FileNode, change: DataChange): void {
  file.unsynced.push(change)
  file.now = changed(file.now, change)
}

export function changed({ bytes, mode }: Content, change: DataChange): Content {
  if ('mode' in change) return { bytes, mode: change.mode }
  const end = 'size' in change ? change.size : Math.max(bytes.length, change.at + change.bytes.length)
  const result = Buffer.alloc(end)
  bytes.copy(result, 0, 0, end)
  if ('at' in change) change.bytes.copy(result, change.at)
  return { bytes: result, mode }
}

function readFolder(place: string): FolderNode {
  const now = new Map<string, Node>()
  for (const name of readdirSync(place)) {
    const file = path.join(place, name)
    const stats = lstatSync(file)
    if (stats.isDirectory()) now.set(name, readFolder(file))
    else if (stats.isSymbolicLink()) now.set(name, { kind: 'link', target: readlinkSync(file) })
    else {
      const content = { bytes: readFileSync(file), mode: stats.mode & 0o777 }
      now.set(name, { kind: 'file', synced: content, now: content, unsynced: [] })
    }
  }
  return { kind: 'folder', mode: lstatSync(place).mode & 0o777, synced: new Map(now), now }
}

function writeFolder(
  place: string,
  folder: FolderNode,
  namesOf: (folder: FolderNode) => Map<string, Node>,
  loss: Loss,
): void {
  mkdirSync(place, { recursive: true, mode: folder.mode })
  for (const [name, node] of namesOf(folder)) {
    const at = path.join(place, name)
    if (node.kind === 'folder') writeFolder(at, node, namesOf, loss)
    else if (node.kind === 'link') symlinkSync(node.target, at)
    else {
      const { synced, now, unsynced: changes } = node
      const { bytes, mode } = changes.length === 0 ? synced : loss.content({ synced, now, changes })
      writeFileSync(at, bytes)
      chmodSync(at, mode)
    }
  }
}
