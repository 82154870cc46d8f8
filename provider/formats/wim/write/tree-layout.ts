import { ContainerImageError, show } from '../../../../manifests/index.js'
import { ATTRIBUTE_DIRECTORY, ATTRIBUTE_ENCRYPTED } from '../read/entry.js'
import { ntfsUpcase } from '../read/upcase.js'
import type { WimSourceEntry, WimSourceImage } from './source.js'
import { align8, taggedItems } from './tagged-items.js'

/** The fixed parts of an entry and of a stream. */
export const ENTRY_FIXED = 0x66
export const STREAM_FIXED = 0x26
/** Ends the list of a directory's entries. */
const END_OF_LIST = 8
const MAX_NAME = 0xffff - 1

/** An entry with its place in the metadata. */
export interface PlacedEntry {
  readonly entry: WimSourceEntry
  readonly at: number
  /** Without its streams. */
  readonly size: number
  /** Undefined where there is one stream, whose hash stands in the entry itself. */
  readonly streams: StreamKind[] | undefined
  /** Where the list of its entries begins; 0 for what is not a directory, or leads elsewhere. */
  listAt: number
}

/** Which of an entry's streams a stream entry is for: a named one by its number. */
export type StreamKind = 'reparse' | 'data' | number

/** Where everything of an image's metadata goes; the hashes of contents are not needed for it. */
export interface TreeLayout {
  readonly image: WimSourceImage
  readonly descriptors: readonly Uint8Array[]
  /** By entry; -1 for none. */
  readonly descriptorOf: ReadonlyMap<Uint8Array, number>
  readonly entries: readonly PlacedEntry[]
  readonly size: number
}

/**
 * Lays out an image’s metadata. UNSAFE_NAME where a name cannot stand in a WIM; CANNOT_MAKE if no WIM could
 * hold the tree.
 */
export function layoutTree(image: WimSourceImage): TreeLayout {
  if (!isDirectory(image.root)) throw cannot(image, '/', 'the root is not a directory')
  const { descriptors, descriptorOf } = collectDescriptors(image.root)
  const entries: PlacedEntry[] = []
  let at = securitySize(descriptors)
  const place = (entry: WimSourceEntry, path: string): PlacedEntry => {
    checkEntry(image, entry, path)
    const names = nameSize(entry.name) + nameSize(entry.shortName ?? '')
    const size = align8(ENTRY_FIXED + names) + taggedItems(entry).length
    const streams = streamKinds(entry)
    const placed = { entry, at, size, streams, listAt: 0 }
    at += size + (streams ?? []).reduce((sum: number, kind) => sum + streamSize(entry, kind), 0)
    entries.push(placed)
    return placed
  }
  const root = place(image.root, '/')
  at += END_OF_LIST
  const open: { placed: PlacedEntry; path: string }[] = [{ placed: root, path: '' }]
  for (let directory = open.pop(); directory; directory = open.pop()) {
    const { placed, path } = directory
    placed.listAt = at
    const inside: typeof open = []
    let before: WimSourceEntry | undefined
    for (const entry of inOrder(placed.entry.children ?? [])) {
      const name = `${path}/${entry.name}`
      checkName(image, entry, name)
      if (before?.name === entry.name) throw cannot(image, name, 'two entries have this name')
      before = entry
      const child = place(entry, name)
      if (hasList(entry)) inside.push({ placed: child, path: name })
    }
    at += END_OF_LIST
    open.push(...inside.reverse())
  }
  return { image, descriptors, descriptorOf, entries, size: at }
}

export function isDirectory(entry: WimSourceEntry): boolean {
  return (entry.attributes & ATTRIBUTE_DIRECTORY) !== 0
}

/**
 * A junction or folder symlink has no list, and other programs would warn about one; a OneDrive folder does
 * have one.
 */
function hasList(entry: WimSourceEntry): boolean {
  return isDirectory(entry) && (!entry.reparse || (entry.children ?? []).length > 0)
}

/** A name with its NUL; nothing where there is none. */
export function nameSize(name: string): number {
  return name === '' ? 0 : 2 * name.length + 2
}

export function streamName(entry: WimSourceEntry, kind: StreamKind): string {
  return typeof kind === 'number' ? (entry.namedStreams?.[kind]?.name ?? '') : ''
}

export function streamSize(entry: WimSourceEntry, kind: StreamKind): number {
  return align8(STREAM_FIXED + nameSize(streamName(entry, kind)))
}

/** The block of security descriptors, up to where the root begins. */
export function securitySize(descriptors: readonly Uint8Array[]): number {
  return align8(descriptors.reduce((sum, one) => sum + 8 + one.length, 8))
}

/**
 * A single unnamed stream is in the entry itself. Otherwise all have separate entries: first the reparse
 * buffer, then the data, which for a file that is a reparse point is there even though it is empty.
 */
function streamKinds(entry: WimSourceEntry): StreamKind[] | undefined {
  const named = (entry.namedStreams ?? []).map((_, number) => number)
  const unnamed: StreamKind[] = entry.reparse ? ['reparse'] : ['data']
  if (entry.reparse && !isDirectory(entry)) unnamed.push('data')
  return named.length === 0 && unnamed.length === 1 ? undefined : [...unnamed, ...named]
}

/** By their names as Windows compares them, so that the order in which they came does not matter. */
function inOrder(entries: readonly WimSourceEntry[]): WimSourceEntry[] {
  return entries
    .map((entry) => ({ entry, key: ntfsUpcase(entry.name) }))
    .sort((a, b) => compare(a.key, b.key) || compare(a.entry.name, b.entry.name))
    .map(({ entry }) => entry)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function collectDescriptors(root: WimSourceEntry): Pick<TreeLayout, 'descriptors' | 'descriptorOf'> {
  const descriptors: Uint8Array[] = []
  const numbers = new Map<string, number>()
  const descriptorOf = new Map<Uint8Array, number>()
  const open = [root]
  for (let entry = open.pop(); entry; entry = open.pop()) {
    const { securityDescriptor: bytes, children } = entry
    if (bytes && !descriptorOf.has(bytes)) {
      const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
      const number = numbers.get(key) ?? descriptors.push(bytes) - 1
      numbers.set(key, number)
      descriptorOf.set(bytes, number)
    }
    if (children) open.push(...inOrder(children).reverse())
  }
  return { descriptors, descriptorOf }
}

function checkEntry(image: WimSourceImage, entry: WimSourceEntry, path: string): void {
  const wrong = (what: string) => cannot(image, path, what)
  const isEncrypted = (entry.attributes & ATTRIBUTE_ENCRYPTED) !== 0
  if (isDirectory(entry) && entry.content && !isEncrypted) throw wrong('it is a directory, but has content')
  if (!isDirectory(entry) && entry.children) throw wrong('it is not a directory, but has entries')
  if (entry.linkGroup && (isDirectory(entry) || entry.reparse))
    throw wrong('only files can have several names')
  if ((entry.namedStreams?.length ?? 0) > 0xfffd) throw wrong('it has too many streams')
  for (const one of entry.extendedAttributes ?? [])
    if (one.value.length > 0xffff || one.name === '' || Buffer.byteLength(one.name) > 0xff)
      throw wrong(`its extended attribute ${show(one.name)} does not fit into a WIM`)
  const names = new Set<string>()
  for (const { name } of entry.namedStreams ?? []) {
    const key = ntfsUpcase(name)
    if (names.has(key)) throw wrong(`two of its streams are called ${show(name)}`)
    names.add(key)
    if (name === '' || /[\0/\\:]/.test(name) || 2 * name.length > MAX_NAME)
      throw cannot(image, `${path}:${name}`, 'no stream can have this name', 'UNSAFE_NAME')
  }
}

/** To Windows a backslash separates folders; a name of Linux may have one, as wimlib writes it. */
function checkName(image: WimSourceImage, { name, unix }: WimSourceEntry, path: string): void {
  const isUnsafe = (unix ? /[\0/]/ : /[\0/\\]/).test(name)
  if (name === '' || name === '.' || name === '..' || isUnsafe || 2 * name.length > MAX_NAME)
    throw cannot(image, path, 'no entry of a WIM can have this name', 'UNSAFE_NAME')
}

function cannot(
  image: WimSourceImage,
  path: string,
  what: string,
  code: 'CANNOT_MAKE' | 'UNSAFE_NAME' = 'CANNOT_MAKE',
): ContainerImageError {
  return new ContainerImageError(code, `Cannot write ${show(path)} of ${show(image.name)}: ${what}.`, {
    details: { path },
  })
}
