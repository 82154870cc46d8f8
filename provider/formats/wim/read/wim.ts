import { ContainerImageError, option, show, throwIfAborted } from '../../../../manifests/index.js'
import { closeAll, closedAfter } from '../../../io/closing/closing.js'
import type { Compression } from '../codecs/compression.js'
import { BlobTable } from './blob-table.js'
import { damaged } from './damage.js'
import type { WimEntry } from './entry.js'
import { readImageInfos, type WimImageInfo } from './image-info.js'
import { Lenders } from './lenders.js'
import { parseTree, type TreeOptions, type WimTree, walkTree } from './metadata.js'
import { checkInside, readPart, type WimPart } from './part.js'
import { openParts } from './parts.js'
import { readBlobs } from './read-blobs.js'
import { RESOURCE_COMPRESSED } from './resource-header.js'
import { readResourceTable, type WimBlob } from './resource-table.js'
import type { UnitDecoder } from './unit-decoder.js'
import { parseXml } from './xml.js'

/** An open WIM: its tables have been read, nothing else. */
export interface Wim {
  /** The first part's file name. */
  readonly name: string
  readonly parts: readonly WimPart[]
  readonly guid: string
  readonly compression: Compression
  readonly chunkSize: number
  /** 1-based; 0 for none. */
  readonly bootIndex: number
  /** One for each image of the header, also where the XML data knows nothing of it. */
  readonly images: readonly WimImageInfo[]
  /** The blobs of all parts by SHA-1, and those that were borrowed. */
  readonly blobs: Pick<BlobTable, 'size' | 'get' | 'has' | 'values'>
  /** Blobs from files that were given with it: a delta has only what those lack. */
  readonly borrowed: readonly WimBlob[]
  /** Whether files were named beside it. */
  readonly hasLenders: boolean
  /** Looks for blobs that it does not have in the files that were given with it. */
  borrow(missing: ReadonlySet<string>): Promise<void>
  /** The metadata resource of each image. */
  readonly metadata: readonly WimBlob[]
  /** The XML data as text. */
  readonly xml: string
  close(): Promise<void>
}

/** 64 MiB: the XML data of a thousand images has one. */
const MAX_XML = 64 << 20
/** More than any real tree needs, and wimlib's bound too: names and hashes do not become smaller than this. */
const MAX_METADATA_RATIO = 512
const MAX_METADATA = 1 << 30

export interface OpenWimOptions {
  /** Files in which parts of a split WIM, and contents that a delta lacks, are looked for. */
  beside?: readonly string[] | undefined
  /** Told of each of those that turns out to be needed. */
  onUsed?: ((file: string) => void) | undefined
}

/**
 * Opens a WIM, or the parts of a split one, in any order; one part is enough if the others are beside it.
 * PATH_NOT_FOUND; ARCHIVE_INVALID if it is not a WIM or is damaged; BLOB_MISSING if parts are missing.
 */
export async function openWim(
  files: string | readonly string[],
  { beside = [], onUsed }: OpenWimOptions = {},
): Promise<Wim> {
  const parts = await openParts(typeof files === 'string' ? [files] : files, beside)
  for (const part of parts) onUsed?.(part.path)
  try {
    return await readWim(parts, beside, onUsed)
  } catch (error) {
    throw await closedAfter(error, ...parts.map(({ handle }) => handle))
  }
}

async function readWim(
  parts: WimPart[],
  beside: readonly string[],
  onUsed: OpenWimOptions['onUsed'],
): Promise<Wim> {
  const first = parts[0] as WimPart
  const { header } = first
  const { blobs: own, metadata } = await readResourceTable(first)
  const blobs = new BlobTable(own.length)
  for (const blob of own) blobs.add(blob)
  for (const part of parts.slice(1)) for (const blob of (await readResourceTable(part)).blobs) blobs.add(blob)
  if (metadata.length !== header.imageCount)
    throw damaged(
      { file: first.name, resource: 'lookup table', offset: header.lookupTable.offset },
      `it has the metadata of ${metadata.length} images, but the header says ${header.imageCount}`,
      { expected: header.imageCount, found: metadata.length },
    )
  const { infos, text } = await readXml(first)
  const lenders = new Lenders(beside, parts)
  const borrowed: WimBlob[] = []
  return {
    name: first.name,
    parts,
    guid: header.guid,
    compression: header.compression,
    chunkSize: header.chunkSize,
    bootIndex: header.bootIndex,
    images: metadata.map((_, i) => infos.get(i + 1) ?? { index: i + 1 }),
    blobs,
    borrowed,
    hasLenders: beside.length > 0,
    borrow: async (missing) => {
      for (const blob of await lenders.find(missing)) {
        blobs.add(blob)
        borrowed.push(blob)
        onUsed?.(blob.resource.part.path)
      }
    },
    metadata,
    xml: text,
    close: async () => {
      await closeAll([lenders, ...parts.map(({ handle }) => handle)])
    },
  }
}

async function readXml(part: WimPart): Promise<{ infos: Map<number, WimImageInfo>; text: string }> {
  const { xml } = part.header
  if (xml.size === 0 && part.header.imageCount === 0) return { infos: new Map(), text: '' }
  checkInside(part, xml, 'XML data')
  const place = { file: part.name, resource: 'XML data', offset: xml.offset }
  if (xml.flags & RESOURCE_COMPRESSED) throw damaged(place, 'it is compressed')
  if (xml.size > MAX_XML)
    throw damaged(place, `it has ${xml.size} bytes`, { expected: MAX_XML, found: xml.size })
  const bytes = await readPart(part, xml.offset, xml.size)
  const infos = readImageInfos(parseXml(bytes, place), place)
  return { infos, text: bytes.toString('utf16le').replace(/^\ufeff/, '') }
}

/**
 * The image of that index (from 1), name or edition; digits are an index, if there is one. NO_MATCH lists the
 * existing ones; AMBIGUOUS_NAME.
 */
export function findImage(wim: Wim, wanted: number | string): WimImageInfo {
  const isNumber = typeof wanted === 'number' || /^[0-9]{1,5}$/.test(wanted)
  const byNumber = isNumber ? wim.images[Number(wanted) - 1] : undefined
  if (byNumber) return byNumber
  const [only, second] = typeof wanted === 'string' ? namedSo(wim.images, wanted) : []
  if (!only)
    throw new ContainerImageError(
      'NO_MATCH',
      `${wim.name} has no image ${show(wanted)}; it has ${imageList(wim.images)}.`,
      { remedy: `Choose one of them with ${option('index')}.` },
    )
  if (second)
    throw new ContainerImageError(
      'AMBIGUOUS_NAME',
      `${wim.name} has several images ${show(wanted)}: ${imageList(namedSo(wim.images, String(wanted)))}.`,
      {
        remedy: 'Choose one by its index.',
      },
    )
  return only
}

/** By the first of these that any image has: its name, the name for people, the edition as DISM calls it. */
function namedSo(images: readonly WimImageInfo[], wanted: string): WimImageInfo[] {
  const name = wanted.toLowerCase()
  for (const namesOf of NAMES) {
    const found = images.filter((image) => namesOf(image).some((one) => one?.toLowerCase() === name))
    if (found.length > 0) return found
  }
  return []
}

const NAMES: ((image: WimImageInfo) => (string | undefined)[])[] = [
  ({ name }) => [name],
  ({ displayName }) => [displayName],
  ({ windows, flags }) => [windows?.editionId, flags],
]

const MOST_LISTED = 20

/** Images with their indexes, as messages list them. */
export function imageList(images: readonly WimImageInfo[]): string {
  const list = images.slice(0, MOST_LISTED).map(({ index, name }) => `${index} ${show(name ?? '')}`)
  const more = images.length - list.length
  return `${list.join(', ') || 'none'}${more > 0 ? ` and ${more} more` : ''}`
}

export interface ReadTreeOptions extends TreeOptions {
  signal?: AbortSignal
}

/** What reading within this folder can ask for beyond ReadTreeOptions. */
export interface InnerTreeOptions extends ReadTreeOptions {
  decoder?: UnitDecoder
}

/** Reads the directory tree of an image (from 1), having checked its SHA-1. Errors as parseTree and readBlobs. */
export async function readTree(wim: Wim, index: number, options: InnerTreeOptions = {}): Promise<WimTree> {
  throwIfAborted(options.signal)
  const blob = wim.metadata[index - 1]
  if (!blob) throw new ContainerImageError('NO_MATCH', `${wim.name} has no image ${show(index)}.`)
  const bytes = await readMetadata(blob, index, options)
  const place = { file: blob.resource.part.name, resource: `metadata of image ${index}` }
  const tree = await parseTree(bytes, place, options)
  if (wim.hasLenders) await wim.borrow(missingOf(wim, tree))
  return tree
}

/** What the tree of an image refers to but neither the WIM nor the files given with it have. */
export function missingOf(wim: Wim, { root }: WimTree): Set<string> {
  const missing = new Set<string>()
  const add = (sha1: string | undefined): void => {
    if (sha1 !== undefined && !wim.blobs.has(sha1)) missing.add(sha1)
  }
  const addAll = ({ sha1, reparseSha1, namedStreams }: WimEntry): void => {
    add(sha1)
    add(reparseSha1)
    for (const stream of namedStreams) add(stream.sha1)
  }
  addAll(root)
  for (const entry of walkTree(root)) addAll(entry)
  return missing
}

async function readMetadata(blob: WimBlob, index: number, options: InnerTreeOptions): Promise<Buffer> {
  const { part, size, offset } = blob.resource
  const { signal, decoder } = options
  if (blob.size > MAX_METADATA || blob.size > part.size * MAX_METADATA_RATIO)
    throw damaged(
      { file: part.name, resource: `metadata of image ${index}`, offset },
      `${size} bytes should expand to ${blob.size}`,
      { expected: `at most ${Math.min(MAX_METADATA, part.size * MAX_METADATA_RATIO)}`, found: blob.size },
    )
  const pieces: Buffer[] = []
  for await (const piece of readBlobs([blob], { signal, decoder, workers: 0 }))
    pieces.push(Buffer.from(piece.bytes))
  return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
}
