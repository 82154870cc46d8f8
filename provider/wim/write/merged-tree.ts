import { ContainerImageError, show } from '../../../manifests/index.js'
import { unsafePath } from './layer-path.js'
import type { WimSourceEntry } from './source.js'

/** A file apart from its names: all names of one share it. */
export interface Inode {
  kind: 'folder' | 'file' | 'link' | 'device'
  /** All but the name, the children and the link group. */
  facts: Omit<WimSourceEntry, 'name' | 'children' | 'linkGroup'>
}

/** A name in the merged tree. */
export interface Node {
  name: string
  inode: Inode
  /** Of a folder. */
  children: Map<string, Node> | undefined
}

const WHITEOUT = '.wh.'
const OPAQUE = '.wh..wh..opq'

/** Whether an entry says what is gone, and is none itself (OCI image-spec, layer.md, "Whiteouts"). */
export function isWhiteout(parts: readonly string[]): boolean {
  return parts.at(-1)?.startsWith(WHITEOUT) ?? false
}

/**
 * The tree that the layers make when they are laid over each other. A path is followed through folders
 * only, never through a link that a layer made.
 */
export class MergedTree {
  readonly root: Node

  constructor(
    private readonly os: 'windows' | 'linux',
    rootFacts: Inode['facts'],
  ) {
    this.root = { name: '', inode: { kind: 'folder', facts: rootFacts }, children: new Map() }
  }

  /** Removes what a whiteout names. To be called before the other entries of its layer are put in. */
  whiteOut(parts: readonly string[]): void {
    const folder = this.find(parts.slice(0, -1))
    const name = parts.at(-1) ?? ''
    if (!folder) return
    if (name === OPAQUE) folder.children?.clear()
    else folder.children?.delete(this.key(name.slice(WHITEOUT.length)))
  }

  /** Puts an entry in, over what was there. A folder over a folder keeps what is in it. */
  put(
    parts: readonly string[],
    inode: Inode,
    raw: string,
    label: string,
    missing: () => Inode['facts'],
  ): Node {
    const name = parts.at(-1)
    if (name === undefined) {
      if (inode.kind !== 'folder') throw unsafePath(raw, label, 'a folder as the root')
      this.root.inode = inode
      return this.root
    }
    const folder = this.folderFor(parts.slice(0, -1), raw, label, missing)
    const key = this.key(name)
    const kept = inode.kind === 'folder' ? (folder.children?.get(key)?.children ?? new Map()) : undefined
    const node = { name, inode, children: kept }
    folder.children?.set(key, node)
    return node
  }

  find(parts: readonly string[]): Node | undefined {
    let node: Node | undefined = this.root
    for (const part of parts) node = node?.children?.get(this.key(part))
    return node
  }

  /** @throws ARCHIVE_INVALID where the target of a hard link is not there, or is a folder */
  linkTarget(parts: readonly string[], raw: string, label: string): Inode {
    const found = this.find(parts)
    if (found && found.inode.kind !== 'folder') return found.inode
    throw new ContainerImageError('ARCHIVE_INVALID', `${label} holds a hard link to ${show(raw)}.`, {
      side: 'source',
      expected: 'a file that is there already',
      found: found ? 'a folder' : 'nothing',
      details: { path: raw },
    })
  }

  private folderFor(
    parts: readonly string[],
    raw: string,
    label: string,
    missing: () => Inode['facts'],
  ): Node {
    let node = this.root
    for (const part of parts) {
      const key = this.key(part)
      let next = node.children?.get(key)
      if (!next) {
        next = { name: part, inode: { kind: 'folder', facts: missing() }, children: new Map() }
        node.children?.set(key, next)
      }
      if (next.inode.kind !== 'folder')
        throw unsafePath(raw, label, `folders above it, but ${show(part)} is a file or a link`)
      node = next
    }
    return node
  }

  /** To Windows names that differ only in case are one. */
  private key(name: string): string {
    return this.os === 'windows' ? name.toUpperCase() : name
  }
}

/** The merged tree below a node in the form in which it is written. */
export function sourceEntry(node: Node, name = ''): WimSourceEntry {
  const links = new Map<Inode, number>()
  const count = (one: Node): void => {
    if (one.inode.kind === 'file') links.set(one.inode, (links.get(one.inode) ?? 0) + 1)
    for (const child of one.children?.values() ?? []) count(child)
  }
  count(node)
  const groups = new Map<Inode, number>()
  const made = (one: Node, name: string): WimSourceEntry => {
    const { inode, children } = one
    if (children)
      return {
        ...inode.facts,
        name,
        children: Array.from(children.values(), (child) => made(child, child.name)),
      }
    if ((links.get(inode) ?? 0) < 2) return { ...inode.facts, name }
    const linkGroup = groups.get(inode) ?? groups.size + 1
    groups.set(inode, linkGroup)
    return { ...inode.facts, name, linkGroup }
  }
  return made(node, name)
}
