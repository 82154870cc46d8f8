import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { throwIfAborted } from '../../../manifests/index.js'
import type { OnProgress } from '../../io/progress.js'
import { type Difference, differencesOf, sameTime } from '../compare/entry-differences.js'
import { comparePaths, pairs } from '../compare/path-order.js'
import type { OpenImage } from '../image/open-image.js'
import { contentDigests } from '../tree/content-digests.js'
import type { TreeEntry } from '../tree/entry.js'
import type { MergedTree } from '../tree/merged-tree.js'
import { belongsToImage } from './attributes.js'
import { LinkGroups } from './link-groups.js'
import { type OwnerChoice, owned } from './owners.js'
import type { Root, RootEntry } from './root.js'

/** What has changed under one name, compared with the parent. */
export type TreeChange =
  | { does: 'add' | 'change'; entry: RootEntry; what: Difference[] }
  | { does: 'remove'; path: string }

export interface ChangesOptions {
  /** Whose the files are; default: as they are. */
  owner?: OwnerChoice
  /** Whether a time alone is a change; default: no. */
  times?: boolean
  signal?: AbortSignal
  onProgress?: OnProgress
}

export interface FoundChanges {
  /** In the order of their paths. */
  changes: TreeChange[]
  /** Folders that stay as they are and that lead to a change, by path. */
  folders: ReadonlyMap<string, RootEntry>
  /** Devices that the parent has and an ordinary user cannot make: they stay. */
  keptDevices: number
}

/** The parent of a new image; none for an image from scratch. */
export interface Parent {
  image: OpenImage
  tree: MergedTree
}

/** Others get their turn after this many entries. */
const TURN = 4096

/**
 * What a root has that its parent does not have, what is different in it, and what is gone. For a file that
 * differs only in its time, or whose folder has another time, the bytes decide.
 * @throws what reading the root and the parent throws
 */
export async function changesOf(
  root: Root,
  parent: Parent | undefined,
  options: ChangesOptions = {},
): Promise<FoundChanges> {
  const search = new Search(root, parent, options)
  await search.walk()
  await search.compareContents()
  return search.result()
}

class Search {
  private readonly changes = new Map<string, TreeChange>()
  private readonly folders = new Map<string, RootEntry>()
  /** Of a file that seems to be the same, but for its time or that of its folder. */
  private readonly doubtful = new Map<string, RootEntry>()
  private readonly links: LinkGroups
  /** The folders of the root that lead to where the walk is. */
  private trail: RootEntry[] = []
  private readonly trails = new Map<string, RootEntry[]>()
  /**
   * Folders with the same time as in the parent: no name in them was added or removed since they were
   * unpacked.
   */
  private readonly untouched = new Set<string>()
  /** All below it went with it. */
  private gone = ''
  private keptDevices = 0

  constructor(
    private readonly root: Root,
    private readonly parent: Parent | undefined,
    private readonly options: ChangesOptions,
  ) {
    this.links = new LinkGroups(parent?.tree.entries() ?? [])
  }

  async walk(): Promise<void> {
    let seen = 0
    for (const { path, a, b } of pairs(this.parent?.tree.entries() ?? [], this.root.entries())) {
      this.trail = this.trail.filter((folder) => path.startsWith(`${folder.path}/`))
      if (b) this.look(b, a)
      else if (a) this.miss(a)
      if (++seen % TURN !== 0) continue
      throwIfAborted(this.options.signal)
      await setImmediate()
    }
  }

  /** Reads the files that may be the same despite their times, here and in the layers of the parent. */
  async compareContents(): Promise<void> {
    const { parent, doubtful } = this
    if (!parent || doubtful.size === 0) return
    const before = await contentDigests(parent.image, parent.tree, doubtful.keys(), this.options)
    for (const [path, entry] of doubtful) {
      const hash = createHash('sha256')
      for await (const chunk of this.root.bytes(entry, this.options.signal)) hash.update(chunk)
      if (hash.digest('hex') !== before.get(path)) this.note(entry, ['content'])
    }
  }

  result(): FoundChanges {
    for (const entry of this.links.alsoWritten((path) => this.changes.has(path))) this.note(entry, ['links'])
    const changes = [...this.changes.entries()]
      .sort(([a], [b]) => comparePaths(a, b))
      .map(([, change]) => change)
    return { changes, folders: this.folders, keptDevices: this.keptDevices }
  }

  private look(found: RootEntry, before: TreeEntry | undefined): void {
    const entry = owned(found, before, this.options.owner ?? 'as-is')
    this.links.see(entry)
    if (this.links.mayMatter(entry.path)) this.trails.set(entry.path, [...this.trail])
    const what = before && this.differences(before, entry)
    if (before && what && this.options.owner === 'parent') inherit(entry, before, what)
    if (!before) this.note(entry, [], 'add')
    else if (what && what.length > 0) this.note(entry, what)
    if (before?.kind === 'folder' && entry.kind !== 'folder') this.gone = before.path
    if (entry.kind !== 'folder') return
    this.trail.push(entry)
    if (before?.kind === 'folder' && sameTime(before.mtime, entry.mtime)) this.untouched.add(entry.path)
  }

  private differences(before: TreeEntry, entry: RootEntry): Difference[] {
    const attributes = this.root.hasAttributes && this.options.owner !== 'parent'
    const found = differencesOf({ ...before, xattrs: ownAttributes(before) }, entry, { attributes })
    const counting = found.filter(this.counts)
    if (counting.length === 0 && this.isDoubtful(entry, found)) {
      this.doubtful.set(entry.path, entry)
      this.trails.set(entry.path, [...this.trail])
    }
    return counting
  }

  /**
   * Another file of the same size and time, such as another one of the image, may have got this name: that changes the
   * time of its folder. The time of the root folder does not count.
   */
  private isDoubtful({ kind, size }: RootEntry, found: readonly Difference[]): boolean {
    const folder = this.trail.at(-1)
    const isTouched = folder === undefined || !this.untouched.has(folder.path)
    return kind === 'file' && size > 0 && (found.length > 0 || isTouched)
  }

  /** The time is mentioned only if it is the only change. */
  private readonly counts = (what: Difference): boolean => what !== 'time' || this.options.times === true

  private miss({ path, kind }: TreeEntry): void {
    if (this.gone !== '' && path.startsWith(`${this.gone}/`)) return
    if (this.root.leftOut.some((one) => one.hidesBelow && path.startsWith(`${one.path}/`))) return
    if (this.options.owner === 'parent' && kind.endsWith('-device')) {
      this.keptDevices++
      return
    }
    this.changes.set(path, { does: 'remove', path })
    this.gone = path
    this.keep(this.trail)
  }

  private note(entry: RootEntry, what: Difference[], does: 'add' | 'change' = 'change'): void {
    this.changes.set(entry.path, { does, entry, what })
    this.keep(this.trails.get(entry.path) ?? this.trail)
  }

  private keep(trail: readonly RootEntry[]): void {
    for (const folder of trail) this.folders.set(folder.path, folder)
  }
}

/** An ordinary user cannot set all of them; a file that was written to has lost them, as the kernel takes them away. */
function inherit(entry: RootEntry, { xattrs }: TreeEntry, what: readonly Difference[]): void {
  const isOther = what.some((one) => ['kind', 'size', 'content'].includes(one))
  if (!isOther && !entry.xattrs && xattrs) entry.xattrs = xattrs
}

function ownAttributes({ xattrs }: TreeEntry): TreeEntry['xattrs'] {
  if (!xattrs) return undefined
  return new Map([...xattrs].filter(([name]) => belongsToImage(name)))
}
