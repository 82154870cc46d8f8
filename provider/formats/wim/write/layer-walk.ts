import { ContainerImageError, show, throwIfAborted } from '../../../../manifests/index.js'
import { layerEntries } from '../../../archives/layers/layer-entries.js'
import { layerPath } from '../../../archives/layers/layer-path.js'
import type { LayerOs, Whiteout } from '../../../archives/layers/whiteout.js'
import { exactText, isUtf8, wideText } from '../../../archives/members/exact-text.js'
import type { TarEntry } from '../../../archives/members/tar-entries.js'
import type { LayerBytes } from './layer-bytes.js'
import type { InodeMaker } from './layer-inodes.js'
import type { LostRecords } from './lost-records.js'
import type { Inode, MergedTree } from './merged-tree.js'
import { fitsReparse } from './reparse-buffers.js'
import type { WimSourceStream } from './source.js'

/** More entries than any image has; each costs memory. */
const MAX_ENTRIES = 2_000_000
/** In UTF-16 units: what file systems of Windows, for which WIMs are made, can hold. */
const MAX_NAME = 255

export interface LayerWalk {
  os: LayerOs
  label: string
  maker: InodeMaker
  signal?: AbortSignal | undefined
  /** Counts what a WIM has no place for. */
  lost: LostRecords
  /** The paths left out so far, in all layers. */
  leftOut: Set<string>
  /** Called for what a WIM cannot hold; throws unless it may be left out. */
  unsupported(path: string, what: string): void
}

/** What is kept of an entry until all whiteouts of its layer are known: far less than its records. */
interface Made {
  raw: string
  mtime: number
  inode: Inode | undefined
  streams?: WimSourceStream[]
  /** Of a hard link. */
  target: string
}

/** Applies one layer to the tree: first what it removes, then what it contains. */
export async function applyLayer(bytes: LayerBytes, tree: MergedTree, walk: LayerWalk): Promise<void> {
  // Whiteouts hide what lower layers have, wherever they are in their own. In the lowest layer they hide nothing, and
  // what it has need not be kept twice.
  const held: Made[] | undefined = tree.isEmpty ? undefined : []
  const put = (made: Made): void => putIn(tree, made, bytes, walk)
  await readLayer(bytes, walk, {
    whiteOut: (whiteout) => held && tree.whiteOut(whiteout),
    entry: (made) => (held ? held.push(made) : put(made)),
  })
  for (const made of held ?? []) put(made)
}

function putIn(
  tree: MergedTree,
  { raw, mtime, inode, target }: Made,
  layer: LayerBytes,
  { label, os, maker, unsupported }: LayerWalk,
): void {
  const shown = inode ?? tree.linkTarget(layerPath(target, os, label), target, label)
  const missing = (): Inode['facts'] => maker.missingFolder(mtime)
  const twin = (name: string): void => unsupported(raw, `to Windows the same name as ${show(name)} beside it`)
  tree.put(layerPath(raw, os, label), shown, raw, { label, layer, missing, twin })
}

/** What is done with a layer's entries as they pass. */
interface Taking {
  whiteOut(whiteout: Whiteout): void
  entry(made: Made): void
}

async function readLayer(bytes: LayerBytes, walk: LayerWalk, taking: Taking): Promise<void> {
  let count = 0
  let last: Made | undefined
  // The streams of what is left out go with it.
  let leftOut: string | undefined
  const cursor = bytes.headers()
  try {
    for await (const { entry: asSpelled, whiteout } of layerEntries(cursor, walk.label, walk.os)) {
      throwIfAborted(walk.signal)
      const entry = wideEntry(asSpelled)
      const path = layerPath(entry.rawName, walk.os, walk.label).join('/')
      if (whiteout) {
        taking.whiteOut(wideWhiteout(whiteout))
        continue
      }
      if (walk.os === 'windows' && addStream(asSpelled, last, leftOut, bytes, walk)) continue
      const what = unsupportedIn(asSpelled, walk.os) ?? linkToLeftOut(entry, walk)
      leftOut = what === undefined ? undefined : withoutSlash(entry.rawName)
      if (what === undefined) {
        walk.leftOut.delete(path)
        walk.lost.add(entry)
        last = madeOf(entry, bytes, walk)
        taking.entry(last)
        count++
      } else {
        walk.leftOut.add(path)
        walk.unsupported(shownName(entry), what)
      }
      if (count > MAX_ENTRIES) throw tooMany(walk.label)
    }
    bytes.size = cursor.position
  } finally {
    await cursor.close()
  }
}

/** Another name for something left out would lead nowhere. */
function linkToLeftOut(
  { kind, target = '' }: TarEntry,
  { os, label, leftOut }: LayerWalk,
): string | undefined {
  const isOne = kind === 'hard-link' && leftOut.has(layerPath(target, os, label).join('/'))
  return isOne ? 'a hard link to a file that is left out' : undefined
}

/** Names as a WIM has them; those that it cannot have stay as they are, and are left out. */
function wideEntry(entry: TarEntry): TarEntry {
  const { rawName, target } = entry
  if (isUtf8(rawName) && isUtf8(target ?? '')) return entry
  return { ...entry, rawName: wideName(rawName), target: target === undefined ? undefined : wideName(target) }
}

function wideWhiteout({ folder, name }: Whiteout): Whiteout {
  return { folder: folder.map(wideName), name: name === undefined ? undefined : wideName(name) }
}

function wideName(path: string): string {
  return path
    .split('/')
    .map((name) => wideText(name) ?? name)
    .join('/')
}

function madeOf(entry: TarEntry, bytes: LayerBytes, walk: LayerWalk): Made {
  const isLink = entry.kind === 'hard-link'
  const content = entry.kind === 'file' ? bytes.content(entry) : undefined
  return {
    raw: withoutSlash(entry.rawName),
    mtime: entry.mtime,
    inode: isLink ? undefined : walk.maker.inode(entry, content),
    target: isLink ? (entry.target ?? '') : '',
  }
}

function withoutSlash(name: string): string {
  return name.replace(/\/+$/, '')
}

/** An alternate data stream is an entry `file:stream` behind its file. */
function addStream(
  entry: TarEntry,
  last: Made | undefined,
  leftOut: string | undefined,
  bytes: LayerBytes,
  walk: LayerWalk,
): boolean {
  const slash = entry.rawName.lastIndexOf('/')
  const colon = entry.rawName.indexOf(':', slash + 1)
  if (colon < 0 || entry.kind !== 'file') return false
  const owner = wideName(entry.rawName.slice(0, colon))
  if (owner === leftOut) return true
  const name = wideText(entry.rawName.slice(colon + 1).replace(/:\$DATA$/i, ''))
  if (!last?.inode || last.raw !== owner)
    throw new ContainerImageError(
      'ARCHIVE_INVALID',
      `${walk.label} holds the stream ${show(entry.rawName)} without its file.`,
      { side: 'source', expected: 'streams behind their file', details: { path: entry.rawName } },
    )
  if (name === undefined) {
    walk.unsupported(shownName(entry), 'a stream with a name that is not UTF-8')
    return true
  }
  const content = bytes.content(entry)
  const stream: WimSourceStream = { name, content }
  if (!last.streams) {
    last.streams = []
    last.inode.facts = { ...last.inode.facts, namedStreams: last.streams }
  }
  last.streams.push(stream)
  return true
}

/** GNU tar gives a sparse file a made-up name in newer forms, and the true one in a record. */
function shownName({ rawName, records }: TarEntry): string {
  const sparse = records?.get('GNU.sparse.name')
  return sparse ? exactText(sparse) : rawName
}

function unsupportedIn(entry: TarEntry, os: LayerOs): string | undefined {
  const { rawName, kind, isSparse, target = '', records } = entry
  if (isSparse) return 'a sparse file, of which the layer has a map of holes instead of its bytes'
  const names = rawName.split('/').map(wideText)
  if (names.includes(undefined)) return 'a name that is not UTF-8'
  if (names.some((name) => name !== undefined && name.length > MAX_NAME))
    return `a name, or in a folder with a name, of more than ${MAX_NAME} characters`
  if (kind === 'link' && target.split('/').map(wideText).includes(undefined))
    return 'a link with a target that is not UTF-8'
  if (kind === 'link' && !fitsReparse(wideName(target))) return 'a link with a longer target than fits'
  for (const key of records?.keys() ?? [])
    if (!isUtf8(key)) return `a file with a record ${show(key)}, whose name is not UTF-8`
  return os === 'windows' && kind === 'other' ? 'a device' : undefined
}

function tooMany(label: string): ContainerImageError {
  return new ContainerImageError('ARCHIVE_INVALID', `${label} holds too many entries.`, {
    side: 'source',
    expected: `at most ${MAX_ENTRIES}`,
    found: 'more',
  })
}
