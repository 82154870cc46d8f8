import { damaged } from './damage.js'
import { checkInside, readPart, type WimPart } from './part.js'
import { plainResource, solidResource, type WimResource } from './resource.js'
import {
  RESOURCE_COMPRESSED,
  RESOURCE_METADATA,
  RESOURCE_SOLID,
  type ResourceHeader,
  readResourceHeader,
} from './resource-header.js'

/** A file's content, once: where it lies and what it must hash to. */
export interface WimBlob {
  /** 40 hex digits, of the expanded bytes. */
  readonly sha1: string
  readonly size: number
  /** How often the images use it, as the table says. */
  readonly references: number
  readonly resource: WimResource
  /** Where it starts in the resource's expanded bytes; 0 unless that is solid. */
  readonly offset: number
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
  part: number
  references: number
  sha1: string
  offset: number
}

/** Reads the lookup table of one part; every place it names has been checked to lie inside the file. */
export async function readResourceTable(part: WimPart): Promise<ResourceTable> {
  const entries = await readEntries(part)
  const table: ResourceTable = { blobs: [], metadata: [] }
  for (let i = 0; i < entries.length; ) {
    const end = endOfSolidRun(entries, i)
    if (end > i) await addSolidRun(part, entries.slice(i, end), table)
    else addPlain(part, entries[i] as Entry, table)
    i = Math.max(end, i + 1)
  }
  checkOverlap(part, table)
  return table
}

/** No WIM needs the same bytes of a file more than a few times; a table that does asks for endless work. */
const MAX_REUSE = 8

function checkOverlap(part: WimPart, table: ResourceTable): void {
  const place = { file: part.name, resource: 'lookup table', offset: part.header.lookupTable.offset }
  let plain = 0
  const solid = new Map<WimResource, number>()
  for (const { resource, size } of [...table.blobs, ...table.metadata]) {
    if (resource.form === 'solid') solid.set(resource, (solid.get(resource) ?? 0) + size)
    else plain += resource.size
  }
  if (plain > part.size * MAX_REUSE) throw damaged(place, 'its resources lie over each other')
  for (const [resource, size] of solid)
    if (size > resource.originalSize * MAX_REUSE)
      throw damaged(place, `blobs of the solid resource at ${resource.offset} lie over each other`)
}

async function readEntries(part: WimPart): Promise<Entry[]> {
  const { lookupTable: header } = part.header
  const place = { file: part.name, resource: 'lookup table', offset: header.offset }
  if (header.size === 0 && part.header.imageCount === 0) return []
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
  const bytes = await readPart(part, header.offset, header.size)
  const entries: Entry[] = []
  // One text for all hashes, of which each is a part: tens of thousands of texts of their own take longer and more.
  const digits = bytes.toString('hex')
  for (let at = 0; at < bytes.length; at += ENTRY_SIZE) {
    const entry = {
      header: readResourceHeader(bytes, at),
      part: bytes.readUInt16LE(at + 24),
      references: bytes.readUInt32LE(at + 26),
      sha1: digits.slice(2 * at + 60, 2 * at + 100),
      offset: header.offset + at,
    }
    if (entry.part === part.header.part) entries.push(entry)
  }
  return entries
}

/** Two million entries: ten times what the largest images have. */
const MAX_TABLE = 100 * 1024 * 1024

function endOfSolidRun(entries: Entry[], from: number): number {
  let end = from
  while (end < entries.length && (entries[end] as Entry).header.flags & RESOURCE_SOLID) end++
  return end
}

function addPlain(part: WimPart, entry: Entry, table: ResourceTable): void {
  const { header, sha1, references } = entry
  if (header.flags & RESOURCE_METADATA) {
    // Such an entry is left over from an image that was deleted, and counts for no image.
    if (references === 0) return
    const name = `metadata of image ${table.metadata.length + 1}`
    const resource = plainResource(part, header, name)
    table.metadata.push({ sha1, size: header.originalSize, references, resource, offset: 0 })
    return
  }
  if (sha1 === NO_HASH) return
  const resource = plainResource(part, header, `resource ${sha1}`)
  table.blobs.push({ sha1, size: header.originalSize, references, resource, offset: 0 })
}

/** The solid resources of a run, whose expanded bytes count as one, and the blobs in them. */
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
    if (entry.header.flags & RESOURCE_METADATA) {
      if (entry.references > 0)
        table.metadata.push({ sha1: entry.sha1, size, references: entry.references, resource, offset: start })
    } else if (entry.sha1 !== NO_HASH)
      table.blobs.push({ sha1: entry.sha1, size, references: entry.references, resource, offset: start })
  }
}
