import { ContainerImageError, option, printable } from '../../../../manifests/index.js'
import { WHITEOUT_PREFIX } from '../../../archives/layers/whiteout.js'
import { damaged } from '../read/damage.js'
import type { WimEntry } from '../read/entry.js'
import { type WimTree, walkTree } from '../read/metadata.js'
import type { WimBlob } from '../read/resource-table.js'
import { byPosition } from '../read/stream-plan.js'
import { ntfsUpcase } from '../read/upcase.js'
import type { Wim } from '../read/wim.js'
import type { PlacedImage } from './choose-images.js'
import type { LayerEntry, LayerKind } from './layer-entry.js'
import { MAX_REPARSE, TAG_JUNCTION, TAG_SYMLINK } from './reparse.js'
import { unixKind } from './unix.js'

/** All that a layer will hold, in the order in which it stands there. */
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
 * @throws ARCHIVE_INVALID, UNSAFE_NAME, BLOB_MISSING; ARCHIVE_UNKNOWN for what a layer cannot hold
 */
export function layerContents(
  wim: Wim,
  trees: readonly PlacedTree[],
  options: { skipUnsupported: boolean },
): LayerContents {
  const os = trees[0]?.tree.isUnix ? 'linux' : 'windows'
  const sorter = new Sorter(wim, os, options.skipUnsupported)
  for (const { tree, image } of trees) {
    if (os === 'windows') checkNames(wim, tree, image)
    sorter.addTree(tree, os === 'linux' ? '' : image.prefix)
  }
  return sorter.contents()
}

/**
 * To Windows two names that differ only in case are one: it would refuse the layer, or lose a file. A name with a
 * colon would be a stream of another file.
 */
function checkNames(wim: Wim, tree: WimTree, image: PlacedImage): void {
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
  for (const entry of walkTree(tree.root)) if (entry.children) check(entry)
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

  addTree(tree: WimTree, prefix: string): void {
    const firstNames = new Map<bigint, LayerEntry>()
    const names = new Map<WimEntry, string>()
    for (let at = prefix.indexOf('/'); at >= 0; at = prefix.indexOf('/', at + 1))
      this.folders.push(made(prefix.slice(0, at), 'folder', tree.root))
    this.folders.push(made(prefix === '' ? '.' : prefix, 'folder', tree.root))
    names.set(tree.root, prefix)
    for (const entry of walkTree(tree.root)) {
      const above = entry.parent && names.get(entry.parent)
      // What is in a folder that was left out is left out with it.
      if (above === undefined) continue
      const name = above === '' ? entry.name : `${above}/${entry.name}`
      const isTaken = this.add(entry, name, firstNames)
      if (isTaken && entry.isDirectory && !entry.isReparsePoint) names.set(entry, name)
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

  private add(entry: WimEntry, name: string, firstNames: Map<bigint, LayerEntry>): boolean {
    const kind = this.kindOf(entry)
    if (kind === undefined) return false
    const group = entry.linkGroup
    const first = group === 0n ? undefined : firstNames.get(group)
    if (first) {
      this.furtherNames.push({ ...made(name, 'hard link', entry), linkedTo: first })
      return true
    }
    const one = made(name, kind, entry)
    if (group !== 0n) firstNames.set(group, one)
    if (kind === 'file') one.blob = blobNamed(this.wim, entry, entry.sha1)
    if (kind === 'symlink' || kind === 'junction') one.blob = this.reparseBlob(entry)
    const list = kind === 'folder' ? this.folders : kind === 'file' ? this.files : this.links
    list.push(one)
    return true
  }

  private kindOf(entry: WimEntry): LayerKind | undefined {
    if (entry.name.startsWith(WHITEOUT_PREFIX))
      return this.unsupported(entry, 'named as layers name what is gone')
    if (entry.isReparsePoint) {
      const tag = entry.reparsePoint?.tag ?? 0
      if (entry.children && entry.children.length > 0)
        throw damaged(this.place(entry), `${entry.path}: it is a reparse point, but has files in it`)
      if (tag === TAG_SYMLINK) return 'symlink'
      if (tag === TAG_JUNCTION) return 'junction'
      return this.unsupported(entry, `a reparse point with the tag 0x${tag.toString(16).padStart(8, '0')}`)
    }
    if (entry.isEncrypted && entry.sha1 !== undefined) return this.unsupported(entry, 'encrypted with EFS')
    if (this.os === 'windows') return entry.isDirectory ? 'folder' : 'file'
    const kind = unixKind(entry)
    return kind ?? this.unsupported(entry, 'a socket, or of an unknown kind')
  }

  private unsupported(entry: WimEntry, what: string): undefined {
    if (!this.skipUnsupported)
      throw new ContainerImageError(
        'ARCHIVE_UNKNOWN',
        `${printable(this.wim.name)}: ${printable(entry.path)} is ${what}, which a layer cannot hold.`,
        {
          side: 'source',
          expected: 'files, folders, symlinks and junctions',
          found: what,
          remedy: `Use ${option('skipUnsupported')} to leave such files out and have them listed.`,
          details: { path: entry.path },
        },
      )
    this.skipped.push(`${printable(entry.path)} is left out: it is ${what}.`)
    return undefined
  }

  private reparseBlob(entry: WimEntry): WimBlob | undefined {
    const blob = blobNamed(this.wim, entry, entry.reparseSha1)
    if (!blob || blob.size > MAX_REPARSE)
      throw damaged(this.place(entry), `${entry.path}: its reparse buffer has ${blob?.size ?? 0} bytes`)
    return blob
  }

  private place(entry: WimEntry) {
    return { file: this.wim.name, resource: 'metadata', offset: entry.offset }
  }
}

/** @throws BLOB_MISSING */
export function blobNamed(wim: Wim, entry: WimEntry, sha1: string | undefined): WimBlob | undefined {
  if (sha1 === undefined) return undefined
  const blob = wim.blobs.get(sha1)
  if (blob) return blob
  throw damaged(
    { file: wim.name, resource: 'lookup table' },
    `the content of ${entry.path}, ${sha1}, is not in the WIM`,
    { expected: sha1, found: 'nothing', details: { path: entry.path } },
    'BLOB_MISSING',
  )
}

function made(name: string, kind: LayerKind, entry: WimEntry): LayerEntry {
  return { name, kind, entry, blob: undefined, linkedTo: undefined }
}
