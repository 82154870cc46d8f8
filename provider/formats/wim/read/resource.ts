import type { Compression } from '../codecs/compression.js'
import { damaged } from './damage.js'
import { isChunkSize } from './header.js'
import { checkInside, isInside, readPart, type WimPart } from './part.js'
import { RESOURCE_COMPRESSED, type ResourceHeader } from './resource-header.js'

/** How the bytes of a resource lie in the file. */
export type ResourceForm =
  /** As they are. */
  | 'plain'
  /** A table of where the chunks start, then the chunks. */
  | 'chunked'
  /** wimlib's: each chunk after its size, then the table. */
  | 'pipable'
  /** A header and the chunks' sizes, then the chunks; many blobs in one run of bytes. */
  | 'solid'

/** A range of bytes in one part that expands to another range of bytes. */
export interface WimResource {
  readonly part: WimPart
  readonly form: ResourceForm
  readonly offset: number
  readonly size: number
  readonly originalSize: number
  readonly compression: Compression
  /** 0 where nothing is compressed. */
  readonly chunkSize: number
  /** Of a solid resource: the stored size of each chunk. */
  readonly chunkSizes?: Uint32Array
}

/** The size of the head that wimlib sets before each chunk of a pipable resource. */
export const PIPABLE_CHUNK_HEAD = 4

const SOLID_HEAD = 16
const SOLID_COMPRESSIONS: readonly Compression[] = ['none', 'XPRESS', 'LZX', 'LZMS']

/** How many bytes one entry of a chunk table takes. */
export function tableEntrySize(originalSize: number): 4 | 8 {
  return originalSize > 0xffffffff ? 8 : 4
}

/** How many chunks a resource has; the last may be shorter. */
export function chunkCount(originalSize: number, chunkSize: number): number {
  return Math.ceil(originalSize / chunkSize)
}

/** The resource of a table entry that is not solid; its name is asked for where it is damaged. */
export function plainResource(part: WimPart, header: ResourceHeader, nameOf: () => string): WimResource {
  if (!isInside(part, header)) checkInside(part, header, nameOf())
  const { offset, size, originalSize } = header
  const wrong = (what: string, expected: number | string, found: number) =>
    damaged({ file: part.name, resource: nameOf(), offset }, what, { expected, found })
  const { compression, chunkSize, pipable } = part.header
  if ((header.flags & RESOURCE_COMPRESSED) === 0) {
    if (size !== originalSize)
      throw wrong(`it is not compressed, but has ${size} bytes for ${originalSize}`, originalSize, size)
    return { part, form: 'plain', offset, size, originalSize, compression: 'none', chunkSize: 0 }
  }
  if (compression === 'none')
    throw wrong('it is compressed, but the header names no compression', 'none', size)
  // Every chunk takes at least one byte and, except for the first, an entry in the table: so the size in the
  // file bounds what a resource can expand to before anything is allocated for it.
  const chunks = chunkCount(originalSize, chunkSize)
  const least = Math.max(0, chunks - 1) * tableEntrySize(originalSize) + chunks * (pipable ? 5 : 1)
  if (!(least <= size)) throw wrong(`${size} bytes cannot hold the ${chunks} chunks it claims`, least, size)
  const form = pipable ? 'pipable' : 'chunked'
  return { part, form, offset, size, originalSize, compression, chunkSize }
}

/** Reads the head of a solid resource: its own sizes and compression, and the size of each chunk. */
export async function solidResource(part: WimPart, header: ResourceHeader): Promise<WimResource> {
  const name = `solid resource at ${header.offset}`
  checkInside(part, header, name)
  const wrong = (at: number, what: string, expected: number | string, found: number | string) =>
    damaged({ file: part.name, resource: name, offset: header.offset + at }, what, { expected, found })
  if (header.size < SOLID_HEAD) throw wrong(0, 'it is too short for its head', SOLID_HEAD, header.size)
  const head = await readPart(part, header.offset, SOLID_HEAD)
  const originalSize = Number(head.readBigUInt64LE(0))
  const chunkSize = head.readUInt32LE(8)
  const type = head.readUInt32LE(12)
  const compression = SOLID_COMPRESSIONS[type]
  if (!compression) throw wrong(12, `the compression type ${type} is not known`, '0 to 3', type)
  if (compression === 'none' ? chunkSize === 0 : !isChunkSize(compression, chunkSize))
    throw wrong(8, `${compression} has no chunks of ${chunkSize} bytes`, 'a power of two', chunkSize)
  const chunks = chunkCount(originalSize, chunkSize)
  const tableSize = chunks * 4
  if (!(SOLID_HEAD + tableSize + chunks <= header.size))
    throw wrong(0, `${header.size} bytes cannot hold the ${chunks} chunks it claims`, tableSize, header.size)
  const table = await readPart(part, header.offset + SOLID_HEAD, tableSize)
  const chunkSizes = new Uint32Array(chunks)
  let stored = SOLID_HEAD + tableSize
  for (let i = 0; i < chunks; i++) {
    const size = table.readUInt32LE(4 * i)
    const full = Math.min(chunkSize, originalSize - i * chunkSize)
    if (size === 0 || size > full)
      throw wrong(SOLID_HEAD + 4 * i, `chunk ${i} has ${size} bytes for ${full}`, `1 to ${full}`, size)
    chunkSizes[i] = size
    stored += size
  }
  if (stored > header.size)
    throw wrong(SOLID_HEAD, 'its chunks are larger than the resource', header.size, stored)
  return {
    part,
    form: 'solid',
    offset: header.offset,
    size: header.size,
    originalSize,
    compression,
    chunkSize,
    chunkSizes,
  }
}

/** Where the first chunk of a solid resource starts in the file. */
export function solidDataOffset(resource: WimResource): number {
  return resource.offset + SOLID_HEAD + 4 * (resource.chunkSizes?.length ?? 0)
}
