import { type Descriptor, shortDigest } from '../../../manifests/index.js'
import type { Bytes } from '../../io/bytes.js'
import { freeMemory } from '../../io/free-memory.js'
import type { OnProgress } from '../../io/progress.js'
import type { OpenImage } from '../image/open-image.js'
import type { TreeEntry } from './entry.js'
import type { FileReader } from './file-reader.js'
import type { KeptListings } from './kept-listings.js'
import { applyListing, ListingWriter, readersOf } from './layer-listing.js'
import type { BroughtRecord, LayerRecord } from './layer-record.js'
import { MergedTree } from './merged-tree.js'
import { passLayer } from './read-layer.js'

export interface ReadTreeOptions {
  /** What extracts facts from files along the way; default: nothing. */
  readers?: readonly FileReader<unknown>[]
  /** Where to look up layers that were read before; default: each is read. */
  kept?: KeptListings
  signal?: AbortSignal
  onProgress?: OnProgress
}

/** In bytes: larger files are not examined, as a file is completely in memory while it is. */
const LARGEST_FILE = 512 * 1024 * 1024

/**
 * The files of an image: one pass over each layer, or none where an earlier run has kept what it read.
 * @throws as `passLayer`
 */
export async function readTree(image: OpenImage, options: ReadTreeOptions = {}): Promise<MergedTree> {
  const { onProgress } = options
  const tree = new MergedTree(image.os)
  const task = `Reading the files of ${image.label}`
  const total = image.layers.reduce((sum, { size }) => sum + size, 0)
  onProgress?.({ type: 'begin', task, total })
  for (const [i, layer] of image.layers.entries()) {
    onProgress?.({ type: 'blob', id: layer.digest, label: shortDigest(layer.digest), size: layer.size })
    tree.begin(i)
    applyListing(await listingOf(image, layer, i, options), tree)
    onProgress?.({ type: 'blob-end', id: layer.digest })
  }
  onProgress?.({ type: 'end', task })
  return tree
}

async function listingOf(
  image: OpenImage,
  layer: Descriptor,
  position: number,
  options: ReadTreeOptions,
): Promise<Uint8Array> {
  const { readers = [], kept, onProgress } = options
  const known = await kept?.read(layer.digest)
  const seen = known && readersOf(known)
  const wanted = readers.map(({ id }) => id)
  if (known && seen && wanted.every((id) => seen.has(id))) {
    onProgress?.({ type: 'bytes', id: layer.digest, count: layer.size, kind: 'reused' })
    return known
  }
  const listing = await readListing(image, layer, position, options)
  await kept?.keep(layer.digest, listing)
  return listing
}

async function readListing(
  image: OpenImage,
  layer: Descriptor,
  position: number,
  { readers = [], signal, onProgress }: ReadTreeOptions,
): Promise<Uint8Array> {
  const writer = new ListingWriter(readers.map(({ id }) => id))
  const onBytes = (count: number): void =>
    onProgress?.({ type: 'bytes', id: layer.digest, count, kind: 'verified' })
  const label = `Layer ${layer.digest} of ${image.label}`
  const pass = { os: image.os, label, signal, onBytes, freesChunks: true }
  for await (const step of passLayer(image.source, layer, pass)) {
    writer.add(step.record)
    const entry = fileOf(step.record, position)
    const interested = entry ? readers.filter((reader) => reader.wants(entry)) : []
    if (!entry || interested.length === 0) continue
    const bytes = await allOf(step.bytes(), entry.size)
    for (const reader of interested) {
      const fact = reader.read(entry, bytes)
      if (fact !== undefined) writer.note({ reader: reader.id, fact })
    }
    freeMemory(bytes)
  }
  return writer.finish()
}

/** The entry of a file that can be examined. */
function fileOf(record: LayerRecord, layer: number): TreeEntry | undefined {
  if (!isPlainFile(record) || record.size > LARGEST_FILE) return undefined
  const { path, kind, size, mode, uid, gid, mtime } = record
  return { path, kind, size, mode, uid, gid, mtime, layer }
}

function isPlainFile(record: LayerRecord): record is BroughtRecord {
  return record.does === 'bring' && record.kind === 'file' && record.extra?.sparse === undefined
}

/** In memory of its own, which can be freed. */
async function allOf(chunks: Bytes, size: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(size)
  let at = 0
  for await (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes.subarray(0, at)
}
