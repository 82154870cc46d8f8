import { damaged } from './damage.js'
import { checkInside, readPart, type WimPart } from './part.js'
import { plainResource, solidResource, type WimResource } from './resource.js'
import {
  isZero,
  numberOf64Bits,
  RESOURCE_COMPRESSED,
  RESOURCE_METADATA,
  RESOURCE_SOLID,
  type ResourceHeader,
  readResourceHeader,
} from './resource-header.js'

/** A file's content, once: where it is and what it must hash to. */
export interface WimBlob {
  /** 40 hex digits, of the expanded bytes. */
  readonly sha1: string
  readonly size: number
  /** How often the images use it, as the table says. */
  readonly references: number
  readonly resource: WimResource
  /** Where it starts in the resource's expanded bytes; 0 unless that is solid. */
  readonly offset: number
  /** The file that its resource lies in, and where that begins there. */
  readonly part: WimPart
  readonly position: number
}

/** What the lookup table of one part holds. */
export interface ResourceTable {
  blobs: WimBlob[]
  /** The k-th is that of image k + 1. */
  metadata: WimBlob[]
}

const ENTRY_SIZE = 50
/** The original size by which an entry says that it is a solid resource and no blob. */
const SOLID_MARK = 0x1_0000_0000
const NO_HASH = '0'.repeat(40)

interface Entry {
  header: ResourceHeader
  references: number
  sha1: string
  offset: number
}

/** The lookup table of a part as it is in the file. */
interface TableBytes {
  part: WimPart
  bytes: Buffer
}

/** Reads the lookup table of one part; every place it names has been checked to lie inside the file. */
export async function readResourceTable(part: WimPart): Promise<ResourceTable> {
  const bytes = await readTable(part)
  const found: ResourceTable = { blobs: [], metadata: [] }
  let run: Entry[] = []
  for (let at = 0; at < bytes.length; at += ENTRY_SIZE) {
    if (bytes.readUInt16LE(at + 24) !== part.header.part) continue
    if ((bytes[at + 7] ?? 0) & RESOURCE_SOLID) {
      run.push(entryAt(part, bytes, at))
      continue
    }
    if (run.length > 0) await addSolidRun(part, run, found)
    run = []
    addPlain({ part, bytes }, at, found)
  }
  if (run.length > 0) await addSolidRun(part, run, found)
  checkOverlap(part, found)
  return found
}

/** No WIM uses the same bytes of a file more than a few times; a table that does would cause endless work. */
const MAX_REUSE = 8

function checkOverlap(part: WimPart, table: ResourceTable): void {
  const place = { file: part.name, resource: 'lookup table', offset: part.header.lookupTable.offset }
  let plain = 0
  const solid = new Map<WimResource, number>()
  for (const list of [table.blobs, table.metadata])
    for (const { resource, size } of list) {
      if (resource.form === 'solid') solid.set(resource, (solid.get(resource) ?? 0) + size)
      else plain += resource.size
    }
  if (plain > part.size * MAX_REUSE) throw damaged(place, 'its resources lie over each other')
  for (const [resource, size] of solid)
    if (size > resource.originalSize * MAX_REUSE)
      throw damaged(place, `blobs of the solid resource at ${resource.offset} lie over each other`)
}

async function readTable(part: WimPart): Promise<Buffer> {
  const { lookupTable: header } = part.header
  const place = { file: part.name, resource: 'lookup table', offset: header.offset }
  if (header.size === 0 && part.header.imageCount === 0) return Buffer.alloc(0)
  checkInside(part, header, 'lookup table')
  if (header.flags & RESOURCE_COMPRESSED)
    throw damaged(place, 'it is compressed, which no program that makes WIMs does')
  if (header.size % ENTRY_SIZE !== 0)
    throw damaged(place, `its ${header.size} bytes are no multiple of ${ENTRY_SIZE}`, { found: header.size })
  if (header.size > MAX_TABLE)
    throw damaged(place, `it has ${header.size} bytes`, {
      expected: `at most ${MAX_TABLE}`,
      found: header.size,
    })
  return await readPart(part, header.offset, header.size)
}

/** Two million entries: ten times what the largest images have. */
const MAX_TABLE = 100 * 1024 * 1024

function entryAt(part: WimPart, bytes: Buffer, at: number): Entry {
  return {
    header: readResourceHeader(bytes, at),
    references: bytes.readUInt32LE(at + 26),
    sha1: hexAt(bytes, at),
    offset: part.header.lookupTable.offset + at,
  }
}

function hexAt(bytes: Buffer, at: number): string {
  return bytes.toString('hex', at + 30, at + ENTRY_SIZE)
}

function addPlain(table: TableBytes, at: number, found: ResourceTable): void {
  const { part, bytes } = table
  const isMetadata = ((bytes[at + 7] ?? 0) & RESOURCE_METADATA) !== 0
  // Such an entry is left over from an image that was deleted, and counts for no image.
  if (isMetadata && bytes.readUInt32LE(at + 26) === 0) return
  if (!isMetadata && isZero(bytes, at + 30, at + ENTRY_SIZE)) return
  const list = isMetadata ? found.metadata : found.blobs
  const nameOf = () => (isMetadata ? `metadata of image ${list.length + 1}` : `resource ${hexAt(bytes, at)}`)
  plainResource(part, readResourceHeader(bytes, at), nameOf)
  list.push(new PlainBlob(table, at))
}

/**
 * The fields of a blob's entry are read from the table on demand: it may have a hundred thousand entries or
 * more.
 */
class PlainBlob implements WimBlob {
  readonly offset = 0

  constructor(
    private readonly table: TableBytes,
    private readonly at: number,
  ) {}

  get part(): WimPart {
    return this.table.part
  }

  get position(): number {
    return numberOf64Bits(this.table.bytes, this.at + 8)
  }

  get sha1(): string {
    return hexAt(this.table.bytes, this.at)
  }

  get size(): number {
    return numberOf64Bits(this.table.bytes, this.at + 16)
  }

  get references(): number {
    return this.table.bytes.readUInt32LE(this.at + 26)
  }

  get resource(): WimResource {
    const { part, bytes } = this.table
    return plainResource(part, readResourceHeader(bytes, this.at), () => `resource ${this.sha1}`)
  }
}

/** The solid resources of a run, whose expanded bytes count as one sequence, and the blobs in them. */
async function addSolidRun(part: WimPart, run: Entry[], table: ResourceTable): Promise<void> {
  const resources: WimResource[] = []
  for (const { header } of run)
    if (header.originalSize === SOLID_MARK) resources.push(await solidResource(part, header))
  for (const entry of run) {
    if (entry.header.originalSize === SOLID_MARK) continue
    const place = { file: part.name, resource: `entry of ${entry.sha1}`, offset: entry.offset }
    let start = entry.header.offset
    const resource = resources.find((one) => {
      if (start < one.originalSize) return true
      start -= one.originalSize
      return false
    })
    const { size } = entry.header
    if (!resource || !(start + size <= resource.originalSize))
      throw damaged(place, `it names ${size} bytes at ${entry.header.offset} outside of its solid resource`, {
        expected: resource?.originalSize ?? 0,
        found: entry.header.offset + size,
      })
    const { sha1, references } = entry
    const position = resource.offset
    const blob = { sha1, size, references, resource, offset: start, part, position }
    if (entry.header.flags & RESOURCE_METADATA) {
      if (references > 0) table.metadata.push(blob)
    } else if (sha1 !== NO_HASH) table.blobs.push(blob)
  }
}
