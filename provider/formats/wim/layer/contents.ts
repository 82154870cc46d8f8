import { ContainerImageError, option, printable } from '../../../../manifests/index.js'
import { WHITEOUT_PREFIX } from '../../../archives/layers/whiteout.js'
import { damaged } from '../read/damage.js'
import type { NamedStream, WimEntry } from '../read/entry.js'
import { type WimTree, walkTree } from '../read/metadata.js'
import { blobNamed, reparseBlob } from '../read/named-blob.js'
import { byPosition } from '../read/stream-plan.js'
import { Turns } from '../read/turns.js'
import { ntfsUpcase } from '../read/upcase.js'
import type { Wim } from '../read/wim.js'
import type { PlacedImage } from './choose-images.js'
import { LayerEntry, type LayerKind } from './layer-entry.js'
import { recordNameFault } from './record-names.js'
import { TAG_JUNCTION, TAG_SYMLINK } from './reparse.js'
import { unixKind } from './unix.js'

/** Everything that a layer will contain, in its order there. */
export interface LayerContents {
  os: 'windows' | 'linux'
  /** Folders, then files in the order in which their bytes lie in the WIM. */
  first: LayerEntry[]
  /** Symlinks and junctions, devices, then further names of files. */
  last: LayerEntry[]
  /** What was left out, with the reason. */
  skipped: string[]
}

/** An image with its tree. */
export interface PlacedTree {
  image: PlacedImage
  tree: WimTree
}

/**
 * Puts the entries of trees in order: parents before what is in them, targets before hard links, and files as
 * their bytes lie, so that a single pass over the WIM fills the layer.
 * @throws ARCHIVE_INVALID, UNSAFE_NAME, BLOB_MISSING; ARCHIVE_UNKNOWN for what a layer cannot hold; INTERRUPTED
 */
export async function layerContents(
  wim: Wim,
  trees: readonly PlacedTree[],
  options: { skipUnsupported: boolean; signal?: AbortSignal | undefined },
): Promise<LayerContents> {
  const os = trees[0]?.tree.isUnix ? 'linux' : 'windows'
  const sorter = new Sorter(wim, os, options.skipUnsupported)
  const turns = new Turns(options.signal)
  for (const { tree, image } of trees) {
    if (os === 'windows') await checkNames(wim, tree, image, turns)
    await sorter.addTree(tree, os === 'linux' ? '' : image.prefix, turns)
  }
  return sorter.contents()
}

/**
 * To Windows two names that differ only in case are one: it would refuse the layer, or lose a file. A name with a
 * colon would be a stream of another file.
 */
async function checkNames(wim: Wim, tree: WimTree, image: PlacedImage, turns: Turns): Promise<void> {
  const check = (folder: WimEntry): void => {
    const names = new Map<string, WimEntry>()
    for (const child of folder.children ?? []) {
      const resource = `metadata of image ${image.info.index}`
      if (child.name.includes(':'))
        throw damaged(
          { file: wim.name, resource, offset: child.offset },
          `${child.path} has a colon in its name, with which Windows names a stream of a file`,
          { details: { path: child.path } },
          'UNSAFE_NAME',
        )
      const folded = ntfsUpcase(child.name)
      const other = names.get(folded)
      if (other)
        throw damaged(
          { file: wim.name, resource, offset: child.offset },
          `${child.path} and ${other.path} differ only in case`,
          { details: { path: child.path } },
          'UNSAFE_NAME',
        )
      names.set(folded, child)
    }
  }
  check(tree.root)
  for (const entry of walkTree(tree.root)) {
    if (entry.children) check(entry)
    if (turns.isDue(1)) await turns.pass()
  }
}

class Sorter {
  private readonly folders: LayerEntry[] = []
  private readonly files: LayerEntry[] = []
  private readonly links: LayerEntry[] = []
  private readonly furtherNames: LayerEntry[] = []
  private readonly skipped: string[] = []

  constructor(
    private readonly wim: Wim,
    private readonly os: 'windows' | 'linux',
    private readonly skipUnsupported: boolean,
  ) {}

  async addTree(tree: WimTree, prefix: string, turns: Turns): Promise<void> {
    const firstNames = new Map<bigint, LayerEntry>()
    const names = new Map<WimEntry, string>()
    for (let at = prefix.indexOf('/'); at >= 0; at = prefix.indexOf('/', at + 1))
      this.folders.push(new LayerEntry('', prefix.slice(0, at), 'folder', tree.root))
    this.kindOf(tree.root)
    this.checkAttributes(tree.root)
    const root = new LayerEntry('', prefix === '' ? '.' : prefix, 'folder', tree.root)
    root.streams = this.streamsOf(tree.root)
    this.folders.push(root)
    names.set(tree.root, prefix)
    for (const entry of walkTree(tree.root)) {
      if (turns.isDue(1 + entry.namedStreams.length)) await turns.pass()
      const above = entry.parent && names.get(entry.parent)
      // What is in a folder that was left out is left out with it.
      if (above === undefined) continue
      if (this.add(entry, above, firstNames) === 'folder')
        names.set(entry, above === '' ? entry.name : `${above}/${entry.name}`)
    }
  }

  contents(): LayerContents {
    const order = (one: LayerEntry, other: LayerEntry): number => {
      if (!one.blob || !other.blob) return Number(one.blob !== undefined) - Number(other.blob !== undefined)
      return byPosition(one.blob, other.blob)
    }
    this.files.sort(order)
    return {
      os: this.os,
      first: [...this.folders, ...this.files],
      last: [...this.links, ...this.furtherNames],
      skipped: this.skipped,
    }
  }

  /** Returns what it was taken as; undefined if it was left out. */
  private add(entry: WimEntry, above: string, firstNames: Map<bigint, LayerEntry>): LayerKind | undefined {
    const kind = this.kindOf(entry)
    if (kind === undefined) return undefined
    const group = entry.linkGroup
    const first = group === 0n ? undefined : firstNames.get(group)
    if (first) {
      const further = new LayerEntry(above, entry.name, 'hard link', entry)
      further.linkedTo = first
      this.furtherNames.push(further)
      return kind
    }
    this.checkAttributes(entry)
    const one = new LayerEntry(above, entry.name, kind, entry)
    one.streams = this.streamsOf(entry)
    if (group !== 0n) firstNames.set(group, one)
    if (kind === 'file') one.blob = blobNamed(this.wim, entry, entry.sha1)
    if (kind === 'symlink' || kind === 'junction') one.blob = reparseBlob(this.wim, entry)
    const list = kind === 'folder' ? this.folders : kind === 'file' ? this.files : this.links
    list.push(one)
    return kind
  }

  private kindOf(entry: WimEntry): LayerKind | undefined {
    if (entry.name.startsWith(WHITEOUT_PREFIX))
      return this.unsupported(entry, 'named as layers name what is gone')
    if (this.os === 'windows' && SURROGATE.test(entry.name)) return this.unsupported(entry, BROKEN_NAME)
    if (entry.isReparsePoint) return this.reparseKind(entry)
    if (entry.isEncrypted && entry.sha1 !== undefined) {
      if (!entry.isDirectory) return this.unsupported(entry, 'encrypted with EFS')
      // It only says that new files in it are to be encrypted.
      return this.keptAsFolder(entry, 'encrypted with EFS')
    }
    if (this.os === 'windows') return entry.isDirectory ? 'folder' : 'file'
    const kind = unixKind(entry)
    return kind ?? this.unsupported(entry, 'a socket, or of an unknown kind')
  }

  /** A folder that OneDrive or others have marked is still a folder; a link of an unknown kind leads elsewhere. */
  private reparseKind(entry: WimEntry): LayerKind | undefined {
    const tag = entry.reparsePoint?.tag ?? 0
    const hasChildren = entry.children !== undefined && entry.children.length > 0
    if (!hasChildren && tag === TAG_SYMLINK) return 'symlink'
    if (!hasChildren && tag === TAG_JUNCTION) return 'junction'
    const what = `a reparse point with the tag 0x${tag.toString(16).padStart(8, '0')}`
    const isFolder = hasChildren || (entry.isDirectory && (tag & NAME_SURROGATE) === 0)
    return isFolder ? this.keptAsFolder(entry, what) : this.unsupported(entry, what)
  }

  /** The named streams that can stand behind an entry. */
  private streamsOf(entry: WimEntry): readonly NamedStream[] {
    const { namedStreams } = entry
    const faultOf = ({ name }: NamedStream): string | undefined => {
      if (this.os === 'linux') return 'a stream, which Linux does not know'
      return SURROGATE.test(name) ? `a stream with ${BROKEN_NAME}` : undefined
    }
    if (!namedStreams.some((one) => faultOf(one) !== undefined)) return namedStreams
    return namedStreams.filter((one) => {
      const fault = faultOf(one)
      if (fault !== undefined) this.leftOut(entry, `${entry.path}:${one.name}`, fault)
      return fault === undefined
    })
  }

  /** Those whose names do not fit into a record are left out where the records are made. */
  private checkAttributes(entry: WimEntry): void {
    for (const { name } of entry.extendedAttributes) {
      const fault = recordNameFault(name)
      if (fault !== undefined)
        this.leftOut(entry, `the extended attribute ${name} of ${entry.path}`, `an attribute with ${fault}`)
    }
  }

  private unsupported(entry: WimEntry, what: string): undefined {
    this.leftOut(entry, entry.path, what)
    return undefined
  }

  private keptAsFolder(entry: WimEntry, what: string): 'folder' {
    if (!this.skipUnsupported) throw this.cannotHold(entry, entry.path, what)
    this.skipped.push(`${shown(entry.path)} is kept as an ordinary folder: it is ${what}.`)
    return 'folder'
  }

  private leftOut(entry: WimEntry, name: string, what: string): void {
    if (!this.skipUnsupported) throw this.cannotHold(entry, name, what)
    this.skipped.push(`${shown(name)} is left out: it is ${what}.`)
  }

  private cannotHold(entry: WimEntry, name: string, what: string): ContainerImageError {
    return new ContainerImageError(
      'ARCHIVE_UNKNOWN',
      `${printable(this.wim.name)}: ${shown(name)} is ${what}, which a layer cannot hold.`,
      {
        side: 'source',
        expected: 'files, folders, symlinks and junctions',
        found: what,
        remedy: `Use ${option('skipUnsupported')} to leave such files out and have them listed.`,
        details: { path: entry.path },
      },
    )
  }
}

/** A bit of a reparse tag: the file stands for another one, as links do ([MS-FSCC] 2.1.2.1). */
const NAME_SURROGATE = 0x20000000

/**
 * An unpaired surrogate. UTF-8 has no bytes for it, and Windows' importer would read any of them as U+FFFD
 * (Go's utf16.Encode, as used by hcsshim's safefile and go-winio's backup streams): two names could become
 * one.
 */
const SURROGATE = /\p{Surrogate}/u
const BROKEN_NAME = 'a name with half of a character in it'

/** A path for people, in which unpaired surrogates can be told apart. */
function shown(path: string): string {
  return printable(
    path.replace(/\p{Surrogate}/gu, (half) => `\\u${half.charCodeAt(0).toString(16).padStart(4, '0')}`),
  )
}
