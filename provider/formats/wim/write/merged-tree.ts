import { ContainerImageError, show } from '../../../../manifests/index.js'
import { unsafePath } from '../../../archives/layers/layer-path.js'
import { linkedPath, MOST_LINKS } from '../../../archives/layers/link-target.js'
import type { LayerOs, Whiteout } from '../../../archives/layers/whiteout.js'
import { ntfsUpcase } from '../read/upcase.js'
import type { WimSourceEntry } from './source.js'

/** A file apart from its names: all names of one share it. */
export interface Inode {
  kind: 'folder' | 'file' | 'link' | 'device'
  /** Of a link, as its layer spells it. */
  target?: string | undefined
  /** Whether a hard link led here, so that it may have several names. */
  isShared?: boolean
  /** All but the name, the children and the link group. */
  facts: Omit<WimSourceEntry, 'name' | 'children' | 'linkGroup'>
}

/** A name in the merged tree. */
export interface Node {
  name: string
  inode: Inode
  /** Of a folder. */
  children: Map<string, Node> | undefined
  /** The layer that the name came from; undefined for a folder that no layer has an entry for. */
  layer: object | undefined
}

/** How an entry of a layer is put into the tree. */
export interface Putting {
  label: string
  /** Which layer it is of. */
  layer: object
  /** Of a folder that the layer has files in, but no entry for. */
  missing(): Inode['facts']
  /** Called instead if the same layer has another name that the system treats as this one. */
  twin(name: string): void
}

/**
 * The tree that results when the layers are applied on top of each other. A path is followed through links of
 * the image, and those never lead out of it.
 */
export class MergedTree {
  readonly root: Node

  constructor(
    private readonly os: LayerOs,
    rootFacts: Inode['facts'],
  ) {
    this.root = {
      name: '',
      inode: { kind: 'folder', facts: rootFacts },
      children: new Map(),
      layer: undefined,
    }
  }

  /** Whether nothing was put in yet. */
  get isEmpty(): boolean {
    return this.root.children?.size === 0
  }

  /** Removes what a whiteout names. To be called before the other entries of its layer are put in. */
  whiteOut({ folder, name }: Whiteout): void {
    const children = this.folderAt(folder)?.children
    if (name === undefined) children?.clear()
    else children?.delete(this.key(name))
  }

  /** Puts an entry in, replacing what was there. A folder that replaces a folder keeps its content. */
  put(parts: readonly string[], inode: Inode, raw: string, { label, layer, missing, twin }: Putting): void {
    const name = parts.at(-1)
    if (name === undefined) {
      if (inode.kind !== 'folder') throw unsafePath(raw, label, 'a folder as the root')
      this.root.inode = inode
      return
    }
    const folder = this.folderFor(parts.slice(0, -1), raw, label, missing)
    const key = this.key(name)
    const there = folder.children?.get(key)
    if (there && there.name !== name && there.layer === layer) {
      twin(there.name)
      return
    }
    const kept = inode.kind === 'folder' ? (there?.children ?? new Map()) : undefined
    folder.children?.set(key, { name, inode, children: kept, layer })
  }

  /** What has a name; links along the path do not count as folders here. */
  find(parts: readonly string[]): Node | undefined {
    let node: Node | undefined = this.root
    for (const part of parts) node = node?.children?.get(this.key(part))
    return node
  }

  /** @throws ARCHIVE_INVALID where the target of a hard link is not there, or is a folder */
  linkTarget(parts: readonly string[], raw: string, label: string): Inode {
    const name = parts.at(-1)
    const folder = this.folderAt(parts.slice(0, -1))
    const found = name === undefined ? folder : folder?.children?.get(this.key(name))
    if (found && found.inode.kind !== 'folder') {
      found.inode.isShared = true
      return found.inode
    }
    throw new ContainerImageError('ARCHIVE_INVALID', `${label} holds a hard link to ${show(raw)}.`, {
      side: 'source',
      expected: 'a file that is there already',
      found: found ? 'a folder' : 'nothing',
      details: { path: raw },
    })
  }

  /** The folder that a path leads to, if all of it is there. */
  private folderAt(parts: readonly string[]): Node | undefined {
    return this.walk(parts, () => undefined)
  }

  private folderFor(
    parts: readonly string[],
    raw: string,
    label: string,
    missing: () => Inode['facts'],
  ): Node {
    const found = this.walk(parts, (node, part) => {
      const next: Node = {
        name: part,
        inode: { kind: 'folder', facts: missing() },
        children: new Map(),
        layer: undefined,
      }
      node.children?.set(this.key(part), next)
      return next
    })
    if (found) return found
    throw unsafePath(raw, label, 'folders above it, but one of them is a file or a link that leads nowhere')
  }

  /** Follows a path through folders, and through links into folders; undefined where something else is in the way. */
  private walk(
    parts: readonly string[],
    missing: (node: Node, part: string) => Node | undefined,
  ): Node | undefined {
    let node = this.root
    let at: string[] = []
    let links = 0
    const ahead = [...parts]
    for (let part = ahead.shift(); part !== undefined; part = ahead.shift()) {
      const next = node.children?.get(this.key(part)) ?? missing(node, part)
      if (next?.inode.kind === 'link' && ++links <= MOST_LINKS) {
        ahead.unshift(...linkedPath([...at, next.name], next.inode.target ?? '', this.os))
        node = this.root
        at = []
      } else if (next?.inode.kind === 'folder') {
        node = next
        at.push(next.name)
      } else return undefined
    }
    return node
  }

  /** To Windows names that differ only in case are one. */
  private key(name: string): string {
    return this.os === 'windows' ? ntfsUpcase(name) : name
  }
}
