import { linkedPath, MOST_LINKS } from '../../archives/layers/link-target.js'
import type { LayerOs } from '../../archives/layers/whiteout.js'
import type { TreeEntry } from './entry.js'
import type { BroughtRecord, LayerRecord, RecordExtra } from './layer-record.js'
import { NodeTable } from './node-table.js'
import { KINDS, Things } from './things.js'

/** Where the bytes of a file lie. */
export interface FilePlace {
  layer: number
  /** In the tar of the layer. */
  offset: number
  /** In bytes, in the tar. */
  stored: number
  /** Of a sparse file: its map. */
  sparse?: string
}

/** Something that a layer removed, with everything in it. */
export interface RemovedEntry {
  path: string
  /** The layer that did. */
  layer: number
}

/** What a reader found in one file. */
export interface FoundFact {
  /** The id of the reader. */
  reader: string
  fact: unknown
}

/**
 * The merged files of an image: each layer's records applied in their order (OCI image-spec, layer.md, "Applying
 * Changesets"). Names and what they name are columns, as an image may have half a million of them.
 */
export class MergedTree {
  /** In the order in which the layers removed it. */
  readonly removed: RemovedEntry[] = []
  private readonly nodes = new NodeTable()
  private readonly things = new Things()
  private readonly extras = new Map<number, RecordExtra>()
  private readonly facts = new Map<number, FoundFact[]>()
  private layer = 0
  private linkedHomes: Map<string, string> | undefined
  /** Most entries are in the same folder as the one before. */
  private lastFolder = { path: '', node: 0 }

  constructor(private readonly os: LayerOs) {
    this.nodes.thing[0] = this.things.addImplied(0)
  }

  /** Everything that follows belongs to this layer, counted from 0. */
  begin(layer: number): void {
    this.layer = layer
  }

  apply(record: LayerRecord): void {
    if (record.does === 'hide') this.hide(record.path, record.all)
    else if (record.does === 'link') this.link(record.path, record.to)
    else this.bring(record)
  }

  /** Keeps what was found in the file that this layer added under a name. */
  note(path: string, found: FoundFact): void {
    const thing = this.nodes.thing[this.existing(path)] ?? -1
    if (thing >= 0) this.facts.set(thing, [...(this.facts.get(thing) ?? []), found])
  }

  /** Everything below a folder, in the order of the names, each folder before what is in it. */
  *entries(folder = ''): Generator<TreeEntry> {
    const first = new Map<number, string>()
    for (const [node, path] of this.nodes.walk(this.nodes.find(folder))) yield this.entryOf(node, path, first)
  }

  /** What has a name; if that is a link, the link itself. Folders on the way may be links. */
  get(path: string): TreeEntry | undefined {
    const node = this.existing(path)
    return node >= 0 ? this.entryOf(node, this.nodes.path(node), new Map()) : undefined
  }

  /** What a path leads to, through all links, never out of the image; undefined if it leads nowhere. */
  follow(path: string): TreeEntry | undefined {
    let found = this.get(path)
    for (let links = 0; found?.kind === 'link'; links++) {
      if (links > MOST_LINKS) return undefined
      found = this.get(linkedPath(found.path.split('/'), found.target ?? '', this.os).join('/'))
    }
    return found
  }

  /** The names in a folder, sorted. */
  names(folder: string): string[] {
    const node = this.existing(folder)
    return node < 0 ? [] : this.nodes.children(node).map((child) => this.nodes.name(child))
  }

  /** Every file in which something was found, under the first of its names. */
  *found(): Generator<[entry: TreeEntry, facts: readonly FoundFact[]]> {
    const seen = new Set<number>()
    for (const [node, path] of this.nodes.walk(0)) {
      const thing = this.nodes.thing[node] ?? -1
      const facts = this.facts.get(thing)
      if (!facts || seen.has(thing)) continue
      seen.add(thing)
      yield [this.entryOf(node, path, new Map()), facts]
    }
  }

  /** Where the bytes of a file are; undefined for anything but a file. */
  place(path: string): FilePlace | undefined {
    const thing = this.nodes.thing[this.existing(path)] ?? -1
    if (thing < 0 || !this.things.is(thing, 'file')) return undefined
    return {
      layer: this.things.layer[thing] ?? 0,
      offset: this.things.offset[thing] ?? 0,
      stored: this.extras.get(thing)?.stored ?? this.things.size[thing] ?? 0,
      sparse: this.extras.get(thing)?.sparse,
    }
  }

  /**
   * The name in the tree for the bytes of a layer's entry: that of the entry, or the first one of the same
   * file. Undefined if nothing has them any more.
   */
  home({ path, offset }: BroughtRecord, layer: number): string | undefined {
    const node = this.existing(path)
    const thing = this.nodes.thing[node] ?? -1
    const isHere = thing >= 0 && this.things.layer[thing] === layer && this.things.offset[thing] === offset
    if (isHere && !this.things.isLinked[thing]) return this.nodes.path(node)
    this.linkedHomes ??= this.findLinkedHomes()
    return this.linkedHomes.get(`${layer}:${offset}`)
  }

  private findLinkedHomes(): Map<string, string> {
    const homes = new Map<string, string>()
    for (const [node, path] of this.nodes.walk(0)) {
      const thing = this.nodes.thing[node] ?? 0
      const key = `${this.things.layer[thing]}:${this.things.offset[thing]}`
      if (this.things.isLinked[thing] && this.things.is(thing, 'file') && !homes.has(key))
        homes.set(key, path)
    }
    return homes
  }

  private bring(record: BroughtRecord): void {
    const node = this.made(record.path)
    if (record.kind !== 'folder') this.removeBelow(node)
    const thing = this.things.add(record, this.layer)
    if (record.extra) this.extras.set(thing, record.extra)
    this.put(node, thing)
  }

  /**
   * A link to something that does not exist adds nothing: engines refuse such a layer, and so do our checks.
   */
  private link(path: string, to: string): void {
    const thing = this.nodes.thing[this.existing(to)] ?? -1
    if (thing < 0 || this.things.is(thing, 'folder')) return
    const node = this.made(path)
    this.removeBelow(node)
    this.things.isLinked[thing] = 1
    this.put(node, thing)
  }

  private put(node: number, thing: number): void {
    const before = this.nodes.thing[node] ?? -1
    // Paths through it lead elsewhere from now on.
    if (this.things.is(thing, 'link') || (before >= 0 && this.things.is(before, 'link'))) this.leaveFolder()
    this.nodes.thing[node] = thing
    this.nodes.layer[node] = this.layer
  }

  /** Hides only what lower layers have added, wherever in its layer the whiteout is. */
  private hide(path: string, all: boolean): void {
    const node = this.existing(path)
    if (node < 0) return
    const hidden = all ? this.nodes.children(node) : [node]
    for (const one of hidden) {
      const name = this.nodes.path(one)
      if (this.removeOlder(one)) this.removed.push({ path: name, layer: this.layer })
    }
  }

  /** A folder stays if something from this layer is in it. */
  private removeOlder(node: number): boolean {
    let isRemoved = false
    const order: number[] = []
    const stack = [node]
    for (let one = stack.pop(); one !== undefined; one = stack.pop()) {
      order.push(one)
      for (const child of this.nodes.children(one)) stack.push(child)
    }
    for (const one of order.reverse()) {
      if (this.nodes.layer[one] === this.layer || this.nodes.children(one).length > 0) continue
      this.forget(one)
      isRemoved = true
    }
    return isRemoved
  }

  private removeBelow(node: number): void {
    const stack = this.nodes.children(node)
    for (let one = stack.pop(); one !== undefined; one = stack.pop()) {
      for (const child of this.nodes.children(one)) stack.push(child)
      this.forget(one)
    }
  }

  private forget(node: number): void {
    this.nodes.remove(node)
    this.leaveFolder()
  }

  private leaveFolder(): void {
    this.lastFolder = { path: '', node: 0 }
  }

  /** The node of a path that is there: its folders may be links, its last name is taken as it is. */
  private existing(path: string): number {
    return this.walkTo(path, (folder, name) => this.nodes.child(folder, name))
  }

  /**
   * The node of a path, made along with the folders that lead to it; anything in the way that is not a folder
   * is replaced by one.
   */
  private made(path: string): number {
    return this.walkTo(path, (folder, name, isLast) => {
      const node = this.nodes.make(folder, name)
      if (!isLast) this.makeFolder(node)
      return node
    })
  }

  private makeFolder(node: number): void {
    const thing = this.nodes.thing[node] ?? -1
    if (thing >= 0 && this.things.is(thing, 'folder')) return
    this.nodes.thing[node] = this.things.addImplied(this.layer)
    this.nodes.layer[node] = this.layer
  }

  /** Goes down a path as engines do: through links, which lead nowhere out of the image (containerd's `fs.RootPath`). */
  private walkTo(path: string, next: (folder: number, name: string, isLast: boolean) => number): number {
    if (path === '') return 0
    const cut = path.lastIndexOf('/')
    const folder = path.slice(0, Math.max(cut, 0))
    const last = path.slice(cut + 1)
    const { node: nearest, left } = this.nearest(folder)
    let node = nearest
    if (left === '') return next(node, last, true)
    let names = left.split('/')
    for (let at = 0, links = 0; at < names.length; ) {
      const name = names[at++] ?? ''
      const known = this.nodes.child(node, name)
      const thing = known < 0 ? -1 : (this.nodes.thing[known] ?? -1)
      if (thing >= 0 && this.things.is(thing, 'link') && links++ < MOST_LINKS) {
        const target = this.extras.get(thing)?.target ?? ''
        const way = linkedPath(this.nodes.path(known).split('/'), target, this.os)
        names = [...way, ...names.slice(at)]
        at = 0
        node = 0
        continue
      }
      node = next(node, name, false)
      if (node < 0) return -1
    }
    this.lastFolder = { path: folder, node }
    return next(node, last, true)
  }

  /** Where the way to a folder begins: at the last one if that leads there, as a chain of thousands would take ever longer. */
  private nearest(folder: string): { node: number; left: string } {
    const { path, node } = this.lastFolder
    const isKnown = path !== '' && this.things.is(this.nodes.thing[node] ?? 0, 'folder')
    if (isKnown && folder === path) return { node, left: '' }
    if (isKnown && folder.startsWith(`${path}/`)) return { node, left: folder.slice(path.length + 1) }
    return { node: 0, left: folder }
  }

  private entryOf(node: number, path: string, first: Map<number, string>): TreeEntry {
    const thing = this.nodes.thing[node] ?? 0
    const { kind, size, mode, uid, gid, mtime, isLinked } = this.things
    const entry: TreeEntry = {
      path,
      kind: KINDS[kind[thing] ?? 0] ?? 'file',
      size: size[thing] ?? 0,
      mode: mode[thing] ?? 0,
      uid: uid[thing] ?? 0,
      gid: gid[thing] ?? 0,
      mtime: mtime[thing] ?? 0,
      layer: this.nodes.layer[node] ?? 0,
    }
    const extra = this.extras.get(thing)
    if (extra?.target !== undefined) entry.target = extra.target
    if (extra?.device) entry.device = extra.device
    if (extra?.xattrs) entry.xattrs = attributes(extra.xattrs)
    if (!isLinked[thing]) return entry
    const other = first.get(thing)
    if (other === undefined) first.set(thing, path)
    else entry.sameAs = other
    return entry
  }
}

function attributes(values: Record<string, string>): ReadonlyMap<string, Uint8Array> {
  return new Map(Object.entries(values).map(([key, value]) => [key, Buffer.from(value, 'base64')]))
}
