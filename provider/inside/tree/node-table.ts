import { enlarged, NameColumn, roomFor } from './name-column.js'

const FIRST_ROOM = 1024
const NONE = -1

/**
 * The names of a tree, each with its folder and with what it names: a column for each, and one table to find a name in a
 * folder. Node 0 is the root. A removed node keeps its place, and is used again if the name comes back.
 */
export class NodeTable {
  /** What a node names, as a number that the owner of the table gave; -1 if it is not there. */
  thing = new Int32Array(FIRST_ROOM).fill(NONE)
  /** The layer that a name came from. */
  layer = new Uint16Array(FIRST_ROOM)
  private parent = new Int32Array(FIRST_ROOM).fill(NONE)
  private firstChild = new Int32Array(FIRST_ROOM).fill(NONE)
  private nextSibling = new Int32Array(FIRST_ROOM).fill(NONE)
  private readonly names = new NameColumn()
  private slots = new Int32Array(2 * FIRST_ROOM).fill(NONE)
  private count = 1

  constructor() {
    this.names.add('')
  }

  name(node: number): string {
    return this.names.get(node)
  }

  path(node: number): string {
    const parts: string[] = []
    for (let one = node; one > 0; one = this.parent[one] ?? 0) parts.push(this.name(one))
    return parts.reverse().join('/')
  }

  /** The node of a name in a folder; -1 if it has none now. */
  child(folder: number, name: string): number {
    const node = this.slots[this.slotOf(folder, name)] ?? NONE
    return node >= 0 && (this.thing[node] ?? NONE) >= 0 ? node : NONE
  }

  /** The node of a path whose folders are all there; -1 if there is none. */
  find(path: string): number {
    if (path === '') return 0
    let node = 0
    for (const part of path.split('/')) {
      node = this.child(node, part)
      if (node < 0) break
    }
    return node
  }

  /** The node of a name in a folder, made if there is none; its owner says what it names. */
  make(folder: number, name: string): number {
    const slot = this.slotOf(folder, name)
    const known = this.slots[slot] ?? NONE
    if (known >= 0) return known
    if (this.count === this.parent.length) this.grow()
    const node = this.count++
    this.names.add(name)
    this.parent[node] = folder
    this.nextSibling[node] = this.firstChild[folder] ?? NONE
    this.firstChild[folder] = node
    this.slots[slot] = node
    if (2 * this.count > this.slots.length) this.rehash()
    return node
  }

  /** Removes a name; the caller has already removed everything below it. */
  remove(node: number): void {
    this.thing[node] = NONE
  }

  /** What is in a folder, in the order of the names. */
  children(folder: number): number[] {
    const found: number[] = []
    for (let one = this.firstChild[folder] ?? NONE; one >= 0; one = this.nextSibling[one] ?? NONE)
      if ((this.thing[one] ?? NONE) >= 0) found.push(one)
    if (found.length < 2) return found
    const named = found.map((node) => ({ node, name: this.name(node) }))
    return named.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ node }) => node)
  }

  /** All nodes below one, each folder before what is in it. */
  *walk(from: number): Generator<[node: number, path: string]> {
    const stack = this.children(from).reverse()
    const paths = new Map<number, string>([[from, this.path(from)]])
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      const folder = paths.get(this.parent[node] ?? 0) ?? ''
      const path = folder === '' ? this.name(node) : `${folder}/${this.name(node)}`
      yield [node, path]
      if ((this.firstChild[node] ?? NONE) < 0) continue
      paths.set(node, path)
      for (const child of this.children(node).reverse()) stack.push(child)
    }
  }

  private slotOf(folder: number, name: string): number {
    const mask = this.slots.length - 1
    let slot = hash(folder, name) & mask
    for (let node = this.slots[slot] ?? NONE; node >= 0; node = this.slots[slot] ?? NONE) {
      if (this.parent[node] === folder && this.names.is(node, name)) break
      slot = (slot + 1) & mask
    }
    return slot
  }

  private grow(): void {
    const room = roomFor(this.parent.length)
    const larger = (column: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> =>
      enlarged(column, new Int32Array(room).fill(NONE))
    this.thing = larger(this.thing)
    this.parent = larger(this.parent)
    this.firstChild = larger(this.firstChild)
    this.nextSibling = larger(this.nextSibling)
    this.layer = enlarged(this.layer, new Uint16Array(room))
  }

  private rehash(): void {
    this.slots = new Int32Array(2 * this.slots.length).fill(NONE)
    for (let node = 1; node < this.count; node++)
      this.slots[this.slotOf(this.parent[node] ?? 0, this.name(node))] = node
  }
}

/** FNV-1a, over the number of the folder and the units of the name. */
function hash(folder: number, name: string): number {
  let value = 0x811c9dc5 ^ Math.imul(folder, 0x9e3779b1)
  for (let i = 0; i < name.length; i++) value = Math.imul(value ^ name.charCodeAt(i), 0x01000193)
  return (value ^ (value >>> 15)) >>> 0
}
