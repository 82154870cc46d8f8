import { impossible } from '../../../../manifests/index.js'
import { closeAll, closedAfter } from '../../../io/closing/closing.js'
import { DecodePool } from '../read/decode-pool.js'
import type { WimEntry } from '../read/entry.js'
import { type WimTree, walkTree } from '../read/metadata.js'
import { blobNamed, reparseBlob } from '../read/named-blob.js'
import { type BlobPiece, readBlobs } from '../read/read-blobs.js'
import type { WimBlob } from '../read/resource-table.js'
import { byPosition } from '../read/stream-plan.js'
import type { UnitDecoder } from '../read/unit-decoder.js'
import { findImage, readTree, type Wim } from '../read/wim.js'
import type { WimContent, WimSourceEntry, WimSourceImage } from './source.js'

export interface ImageOfWim {
  image: WimSourceImage
  /** Behind all of its contents in the order in which they are read. */
  end: number
  /** To be called when the image has been written. */
  close(): Promise<void>
}

export interface FromWimOptions {
  /** For an image that has no name of its own. */
  name?: string
  /** Behind which contents of other images its own are read. */
  after?: number
  signal?: AbortSignal | undefined
}

/**
 * One image of a WIM with everything that its tree keeps, to be written into another. Contents are expanded
 * in the order in which they are stored, each solid chunk once.
 * @throws NO_MATCH; ARCHIVE_INVALID, BLOB_MISSING and others as readTree
 */
export async function imageFromWim(
  wim: Wim,
  wanted: string,
  options: FromWimOptions = {},
): Promise<ImageOfWim> {
  const { signal } = options
  const { index, name = options.name ?? '', description, ...facts } = findImage(wim, wanted)
  const { directories: _d, files: _f, totalBytes: _t, hardLinkBytes: _h, ...info } = facts
  const tree = await readTree(wim, index, { signal })
  const decoder = new DecodePool(1)
  try {
    const reading = { decoder, signal }
    const reader = new InOrder(wim, tree, reading, options.after ?? 0)
    const buffers = await reparseBuffers(wim, tree, reading)
    const root = rootOf(tree, reader, buffers)
    const image = { name, root, info, description: description || undefined }
    return { image, end: reader.end, close: () => closeAll([reader, decoder]) }
  } catch (error) {
    throw await closedAfter(error, decoder)
  }
}

interface Reading {
  decoder: UnitDecoder
  signal?: AbortSignal | undefined
}

function rootOf(tree: WimTree, reader: InOrder, buffers: ReadonlyMap<string, Buffer>): WimSourceEntry {
  const groups = new Map<bigint, number>()
  const inside = new Map<WimEntry, WimSourceEntry[]>()
  const made = (entry: WimEntry): WimSourceEntry => {
    const children: WimSourceEntry[] = []
    if (entry.children) inside.set(entry, children)
    const { linkGroup } = entry
    const group = linkGroup === 0n ? 0 : (groups.get(linkGroup) ?? groups.size + 1)
    if (group > 0) groups.set(linkGroup, group)
    return {
      ...factsOf(entry, reader, buffers),
      linkGroup: group > 0 ? group : undefined,
      children: entry.children ? children : undefined,
    }
  }
  const root = made(tree.root)
  for (const entry of walkTree(tree.root)) inside.get(entry.parent ?? tree.root)?.push(made(entry))
  return root
}

function factsOf(entry: WimEntry, reader: InOrder, buffers: ReadonlyMap<string, Buffer>): WimSourceEntry {
  const { name, attributes, createdAt, accessedAt, writtenAt, reparsePoint } = entry
  const { namedStreams, securityDescriptor, shortName, objectId, unix, extendedAttributes } = entry
  const content = reader.contentOf(entry, entry.sha1)
  const streams = namedStreams.map(({ name, sha1 }) => ({ name, content: reader.contentOf(entry, sha1) }))
  const data = buffers.get(entry.reparseSha1 ?? '') ?? Buffer.alloc(0)
  return {
    ...{ name, attributes, createdAt, accessedAt, writtenAt },
    ...{ content, securityDescriptor, shortName, objectId, unix },
    namedStreams: streams.length > 0 ? streams : undefined,
    reparse: reparsePoint ? { ...reparsePoint, data } : undefined,
    extendedAttributes: extendedAttributes.length > 0 ? extendedAttributes : undefined,
  }
}

/** Small, and needed before anything is laid out. */
async function reparseBuffers(wim: Wim, { root }: WimTree, reading: Reading): Promise<Map<string, Buffer>> {
  const wanted = new Set<WimBlob>()
  for (const entry of walkTree(root)) {
    if (entry.reparseSha1 !== undefined) wanted.add(reparseBlob(wim, entry))
  }
  const parts = new Map<string, Buffer[]>()
  for await (const { blob, bytes } of readBlobs(wanted, reading))
    parts.set(blob.sha1, [...(parts.get(blob.sha1) ?? []), Buffer.from(bytes)])
  return new Map([...parts].map(([sha1, all]) => [sha1, Buffer.concat(all)]))
}

/**
 * Gives contents one after the other in their stored order; one that is requested out of order is looked up
 * separately.
 */
class InOrder {
  private readonly order = new Map<WimBlob, number>()
  private readonly sorted: WimBlob[]
  private readonly contents = new Map<WimBlob, WimContent>()
  private pieces: AsyncGenerator<BlobPiece, void, undefined> | undefined

  constructor(
    private readonly wim: Wim,
    { root }: WimTree,
    private readonly reading: Reading,
    private readonly after: number,
  ) {
    const wanted = new Set<WimBlob>()
    const add = (entry: WimEntry, sha1: string | undefined): void => {
      const blob = blobNamed(wim, entry, sha1)
      if (blob && blob.size > 0) wanted.add(blob)
    }
    const addAll = (entry: WimEntry): void => {
      add(entry, entry.sha1)
      for (const { sha1 } of entry.namedStreams) add(entry, sha1)
    }
    addAll(root)
    for (const entry of walkTree(root)) addAll(entry)
    this.sorted = [...wanted].sort(byPosition)
    this.sorted.forEach((blob, i) => {
      this.order.set(blob, i)
    })
  }

  contentOf(entry: WimEntry, sha1: string | undefined): WimContent | undefined {
    const blob = blobNamed(this.wim, entry, sha1)
    if (!blob || blob.size === 0) return undefined
    const known = this.contents.get(blob)
    if (known) return known
    const made = {
      size: blob.size,
      order: this.after + (this.order.get(blob) ?? 0),
      open: () => this.read(blob),
    }
    this.contents.set(blob, made)
    return made
  }

  get end(): number {
    return this.after + this.sorted.length
  }

  async close(): Promise<void> {
    await this.pieces?.return()
    this.pieces = undefined
  }

  private async *read(blob: WimBlob) {
    let done = 0
    while (done < blob.size) {
      const piece = await this.next(blob, done)
      done += piece.bytes.length
      yield piece.bytes
    }
  }

  private async next(blob: WimBlob, from: number): Promise<BlobPiece> {
    let piece = await this.step()
    while (piece && (this.order.get(piece.blob) ?? 0) < (this.order.get(blob) ?? 0)) piece = await this.step()
    if (piece?.blob === blob && piece.offset === from) return piece
    await this.close()
    // If contents overlap, their pieces alternate: such a content is read separately.
    const isAlone = from > 0
    this.pieces = readBlobs(isAlone ? [blob] : this.sorted.slice(this.order.get(blob) ?? 0), this.reading)
    piece = await this.step()
    while (isAlone && piece && piece.offset < from) piece = await this.step()
    if (piece?.blob === blob && piece.offset === from) return piece
    impossible('A content of a WIM came out of its order.')
  }

  private async step(): Promise<BlobPiece | undefined> {
    const step = await this.pieces?.next()
    return step?.done ? undefined : (step?.value as BlobPiece | undefined)
  }
}
