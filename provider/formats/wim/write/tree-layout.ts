import { ContainerImageError, show } from '../../../../manifests/index.js'
import { ATTRIBUTE_ENCRYPTED } from '../read/entry.js'
import { ntfsUpcase } from '../read/upcase.js'
import type { Numbers } from './columns.js'
import type { ContentList } from './content-list.js'
import { EntryWriter, isDirectory, type StreamKind, type TreeCounts } from './entry-writer.js'
import type { MetadataBytes } from './metadata-bytes.js'
import type { WimSourceEntry, WimSourceImage, WimSourceStream } from './source.js'

/** Ends the list of a directory's entries. */
const END_OF_LIST = 8
const MAX_NAME = 0xffff - 1

/** An image's metadata, in which only the hashes of its contents are missing. */
export interface TreeLayout {
  readonly bytes: MetadataBytes
  readonly counts: TreeCounts
  /** Where each stream's hash goes, and the number of its content. */
  readonly hashAt: Numbers
  readonly contentOf: Numbers
}

/**
 * Lays out an image’s metadata and collects its contents. Nothing of the tree is needed after this. UNSAFE_NAME where
 * a name cannot stand in a WIM; CANNOT_MAKE if no WIM could hold the tree.
 */
export function layoutTree(image: WimSourceImage, contents: ContentList): TreeLayout {
  if (!isDirectory(image.root)) throw cannot(image, '/', 'the root is not a directory')
  const { descriptors, descriptorOf } = collectDescriptors(image.root)
  const writer = new EntryWriter(descriptors, descriptorOf, contents)
  const place = (entry: WimSourceEntry, path: string): number => {
    checkEntry(image, entry, path)
    return writer.write(entry, streamKinds(entry))
  }
  const root = place(image.root, '/')
  writer.bytes.take(END_OF_LIST)
  const open: { entry: WimSourceEntry; at: number; path: string }[] = [
    { entry: image.root, at: root, path: '' },
  ]
  for (let directory = open.pop(); directory; directory = open.pop()) {
    const { path } = directory
    writer.beginList(directory.at)
    const inside: typeof open = []
    let before: string | undefined
    for (const entry of inOrder(directory.entry.children ?? [])) {
      const name = `${path}/${entry.name}`
      checkName(image, entry, name)
      if (before === entry.name) throw cannot(image, name, 'two entries have this name')
      before = entry.name
      const at = place(entry, name)
      if (hasList(entry)) inside.push({ entry, at, path: name })
    }
    writer.bytes.take(END_OF_LIST)
    open.push(...inside.reverse())
  }
  const { bytes, counts, hashAt, contentOf } = writer
  return { bytes, counts, hashAt, contentOf }
}

/**
 * A junction or folder symlink has no list, and other programs would warn about one; a OneDrive folder does
 * have one.
 */
function hasList(entry: WimSourceEntry): boolean {
  return isDirectory(entry) && (!entry.reparse || (entry.children ?? []).length > 0)
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

function collectDescriptors(root: WimSourceEntry): {
  descriptors: Uint8Array[]
  descriptorOf: Map<Uint8Array, number>
} {
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
  if (entry.namedStreams) checkStreams(image, entry.namedStreams, path)
}

function checkStreams(image: WimSourceImage, streams: readonly WimSourceStream[], path: string): void {
  const names = new Set<string>()
  for (const { name } of streams) {
    const key = ntfsUpcase(name)
    if (names.has(key)) throw cannot(image, path, `two of its streams are called ${show(name)}`)
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
