import { ContainerImageError, show } from '../../../manifests/index.js'
import type { LayerTarEntry } from '../../archives/layers/layer-entries.js'
import { layerPath } from '../../archives/layers/layer-path.js'
import type { LayerOs } from '../../archives/layers/whiteout.js'
import { exactText } from '../../archives/members/exact-text.js'
import type { TarEntry } from '../../archives/members/tar-entries.js'
import type { TreeEntry } from './entry.js'

/** What one entry of a layer's tar does to the tree: it adds something, or hides what is below. */
export type LayerRecord = BroughtRecord | LinkedRecord | HiddenRecord

/** A file, folder, link or device. */
export interface BroughtRecord {
  does: 'bring'
  path: string
  kind: TreeEntry['kind']
  size: number
  mode: number
  uid: number
  gid: number
  mtime: number
  /** Where its bytes begin in the tar. */
  offset: number
  extra?: RecordExtra
}

/** What few entries have. */
export interface RecordExtra {
  target?: string
  device?: { major: number; minor: number }
  /** Values in base64. */
  xattrs?: Record<string, string>
  /** For a sparse file: its map as a record has it, or a mark that the map precedes the bytes. */
  sparse?: string
  /** Of a sparse file: how many bytes the tar has of it. */
  stored?: number
}

/** A further name of a file. */
export interface LinkedRecord {
  does: 'link'
  path: string
  to: string
}

export interface HiddenRecord {
  does: 'hide'
  /** The path of the folder if everything in it is hidden, otherwise of the one thing. */
  path: string
  all: boolean
}

/** What stands for a map that precedes the bytes (GNU tar's manual, "Storing Sparse Files", version 1.0). */
export const MAP_BEFORE_BYTES = '1.0'
const MODE_BITS = 0o7777
const XATTR = 'SCHILY.xattr.'
const DEVICES: Record<string, TreeEntry['kind']> = {
  '3': 'character-device',
  '4': 'block-device',
  '6': 'fifo',
}

/**
 * What an entry does to the tree.
 * @throws UNSAFE_NAME; LAYER_INVALID for a sparse file that nobody here can read
 */
export function recordOf({ entry, whiteout }: LayerTarEntry, os: LayerOs, label: string): LayerRecord {
  if (whiteout)
    return {
      does: 'hide',
      path: [...whiteout.folder, ...(whiteout.name === undefined ? [] : [whiteout.name])].join('/'),
      all: whiteout.name === undefined,
    }
  const { records } = entry
  const sparseName = textOf(records, 'GNU.sparse.name')
  const path = layerPath(sparseName ?? entry.rawName, os, label).join('/')
  if (entry.kind === 'hard-link')
    return { does: 'link', path, to: layerPath(entry.target ?? '', os, label).join('/') }
  return {
    does: 'bring',
    path,
    kind: kindOf(entry),
    size: entry.kind === 'file' ? sizeOf(entry) : 0,
    mode: entry.header.mode & MODE_BITS,
    uid: numberOf(records, 'uid') ?? entry.header.uid,
    gid: numberOf(records, 'gid') ?? entry.header.gid,
    mtime: numberOf(records, 'mtime') ?? entry.mtime,
    offset: entry.offset,
    ...extraOf(entry, label),
  }
}

function kindOf({ kind, header }: TarEntry): TreeEntry['kind'] {
  if (kind === 'file' || kind === 'folder' || kind === 'link') return kind
  return DEVICES[header.type] ?? 'file'
}

function sizeOf({ size, isSparse, records }: TarEntry): number {
  if (!isSparse) return size
  return numberOf(records, 'GNU.sparse.realsize') ?? numberOf(records, 'GNU.sparse.size') ?? size
}

function extraOf(entry: TarEntry, label: string): { extra?: RecordExtra } {
  const extra: RecordExtra = {}
  if (entry.kind === 'link') extra.target = entry.target ?? ''
  if (entry.kind === 'other' && entry.header.type !== '6')
    extra.device = { major: entry.header.major, minor: entry.header.minor }
  if (entry.isSparse) {
    extra.sparse = sparseMap(entry, label)
    extra.stored = entry.stored
  }
  for (const [key, value] of entry.records ?? [])
    if (key.startsWith(XATTR))
      extra.xattrs = { ...extra.xattrs, [key.slice(XATTR.length)]: value.toString('base64') }
  return Object.keys(extra).length > 0 ? { extra } : {}
}

/**
 * GNU tar's three formats (its manual, "Sparse Formats"); for the first, only the last piece of the map is
 * left in the records here.
 */
function sparseMap({ records, rawName }: TarEntry, label: string): string {
  if (numberOf(records, 'GNU.sparse.major') === 1) return MAP_BEFORE_BYTES
  const map = textOf(records, 'GNU.sparse.map')
  if (map !== undefined) return map
  throw new ContainerImageError('LAYER_INVALID', `${label} holds a sparse file that is not read here.`, {
    side: 'source',
    expected: 'a map of version 0.1 or 1.0',
    found: `another one: ${show(rawName)}`,
    remedy: 'Make the tar again without sparse files (`-S`).',
  })
}

function textOf(records: TarEntry['records'], key: string): string | undefined {
  const value = records?.get(key)
  return value && exactText(value)
}

function numberOf(records: TarEntry['records'], key: string): number | undefined {
  const value = records?.get(key)
  return value && value.length > 0 ? Number(value.toString('latin1')) : undefined
}
