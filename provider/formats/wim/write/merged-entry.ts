import type { ExtendedAttribute, UnixData } from '../read/entry.js'
import type { Inode, Node } from './merged-tree.js'
import type { WimContent, WimSourceEntry, WimSourceReparse, WimSourceStream } from './source.js'

type Groups = ReadonlyMap<Inode, number>

/**
 * The merged tree below a node in the form in which it is written. What is in a folder is made each time that it is
 * asked for: a second tree would take as much memory as the first.
 * @param lost told of further names of a link, which become links of their own: no WIM has link groups of reparse points
 */
export function sourceEntry(node: Node, lost: (path: string) => void): WimSourceEntry {
  return new MergedEntry(node, '', linkGroups(node, lost))
}

/** A few words of memory for each; what it says is read from the tree on demand. */
class MergedEntry implements WimSourceEntry {
  constructor(
    private readonly node: Node,
    readonly name: string,
    private readonly groups: Groups,
  ) {}

  get children(): WimSourceEntry[] | undefined {
    const { children } = this.node
    return (
      children && Array.from(children.values(), (child) => new MergedEntry(child, child.name, this.groups))
    )
  }

  get linkGroup(): number | undefined {
    const { children, inode } = this.node
    return children || !inode.isShared || inode.kind === 'link' ? undefined : this.groups.get(inode)
  }

  get attributes(): number {
    return this.facts.attributes
  }

  get createdAt(): bigint {
    return this.facts.createdAt
  }

  get accessedAt(): bigint {
    return this.facts.accessedAt
  }

  get writtenAt(): bigint {
    return this.facts.writtenAt
  }

  get content(): WimContent | undefined {
    return this.facts.content
  }

  get namedStreams(): readonly WimSourceStream[] | undefined {
    return this.facts.namedStreams
  }

  get reparse(): WimSourceReparse | undefined {
    return this.facts.reparse
  }

  get securityDescriptor(): Uint8Array | undefined {
    return this.facts.securityDescriptor
  }

  get shortName(): string | undefined {
    return this.facts.shortName
  }

  get objectId(): Uint8Array | undefined {
    return this.facts.objectId
  }

  get extendedAttributes(): readonly ExtendedAttribute[] | undefined {
    return this.facts.extendedAttributes
  }

  get unix(): UnixData | undefined {
    return this.facts.unix
  }

  private get facts(): Inode['facts'] {
    return this.node.inode.facts
  }
}

/** The number of each file with several names below a node. */
function linkGroups(node: Node, lost: (path: string) => void): Groups {
  const names = new Map<Inode, number>()
  const count = ({ inode, children }: Node): void => {
    if (!children && inode.isShared) names.set(inode, (names.get(inode) ?? 0) + 1)
    for (const child of children?.values() ?? []) count(child)
  }
  count(node)
  const groups = new Map<Inode, number>()
  const visit = ({ inode, children }: Node, path: string): void => {
    for (const child of children?.values() ?? []) visit(child, `${path}/${child.name}`)
    if (children || (names.get(inode) ?? 0) < 2) return
    if (!groups.has(inode)) groups.set(inode, groups.size + 1)
    else if (inode.kind === 'link') lost(path)
  }
  visit(node, '')
  return groups
}
