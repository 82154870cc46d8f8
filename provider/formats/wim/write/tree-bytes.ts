import type { WrittenBlob } from './blob-writer.js'
import type { WimContent, WimSourceEntry } from './source.js'
import { taggedItems } from './tagged-items.js'
import {
  ENTRY_FIXED,
  isDirectory,
  nameSize,
  type PlacedEntry,
  STREAM_FIXED,
  type StreamKind,
  securitySize,
  streamName,
  streamSize,
  type TreeLayout,
} from './tree-layout.js'

/** What is counted while the metadata is written, for the XML data. */
export interface TreeCounts {
  directories: number
  files: number
  totalBytes: number
  hardLinkBytes: number
}

/** The reparse buffers as contents, which are written as blobs like any other. */
export type ReparseContents = ReadonlyMap<WimSourceEntry, WimContent>

/** Writes an image's metadata resource, and counts how often each blob is used. */
export function treeBytes(
  layout: TreeLayout,
  blobOf: ReadonlyMap<WimContent, WrittenBlob>,
  reparseContents: ReparseContents,
): { bytes: Buffer; counts: TreeCounts } {
  const bytes = Buffer.alloc(layout.size)
  writeSecurity(bytes, layout)
  const counts: TreeCounts = { directories: -1, files: 0, totalBytes: 0, hardLinkBytes: 0 }
  const groups = new Set<number>()
  for (const placed of layout.entries) {
    const { entry } = placed
    const blobFor = (kind: StreamKind) => {
      const content = contentOf(entry, kind, reparseContents)
      return content && blobOf.get(content)
    }
    writeEntry(bytes, placed, layout, blobFor)
    const kinds = placed.streams ?? [entry.reparse ? 'reparse' : 'data']
    const used = kinds.map(blobFor).filter((blob) => blob !== undefined)
    for (const blob of used) blob.references++
    countEntry(counts, entry, used, groups)
  }
  return { bytes, counts }
}

function contentOf(
  entry: WimSourceEntry,
  kind: StreamKind,
  reparseContents: ReparseContents,
): WimContent | undefined {
  if (kind === 'reparse') return reparseContents.get(entry)
  return kind === 'data' ? entry.content : entry.namedStreams?.[kind]?.content
}

function countEntry(
  counts: TreeCounts,
  entry: WimSourceEntry,
  used: readonly WrittenBlob[],
  groups: Set<number>,
): void {
  const size = used.reduce((sum, blob) => sum + blob.size, 0)
  // What leads elsewhere counts as a file, as wimlib counts it.
  if (isDirectory(entry) && !entry.reparse) counts.directories++
  else counts.files++
  counts.totalBytes += size
  if (!entry.linkGroup) return
  if (groups.has(entry.linkGroup)) counts.hardLinkBytes += size
  groups.add(entry.linkGroup)
}

function writeSecurity(bytes: Buffer, { descriptors }: TreeLayout): void {
  bytes.writeUInt32LE(securitySize(descriptors), 0)
  bytes.writeUInt32LE(descriptors.length, 4)
  let at = 8 + 8 * descriptors.length
  descriptors.forEach((descriptor, i) => {
    bytes.writeUInt32LE(descriptor.length, 8 + 8 * i)
    bytes.set(descriptor, at)
    at += descriptor.length
  })
}

function writeEntry(
  bytes: Buffer,
  { entry, at, size, streams, listAt }: PlacedEntry,
  { descriptorOf }: TreeLayout,
  blobFor: (kind: StreamKind) => WrittenBlob | undefined,
): void {
  const { securityDescriptor, reparse, shortName = '' } = entry
  bytes.writeBigUInt64LE(BigInt(size), at)
  bytes.writeUInt32LE(entry.attributes >>> 0, at + 0x08)
  bytes.writeInt32LE(securityDescriptor ? (descriptorOf.get(securityDescriptor) ?? -1) : -1, at + 0x0c)
  bytes.writeBigUInt64LE(BigInt(listAt), at + 0x10)
  bytes.writeBigUInt64LE(entry.createdAt, at + 0x28)
  bytes.writeBigUInt64LE(entry.accessedAt, at + 0x30)
  bytes.writeBigUInt64LE(entry.writtenAt, at + 0x38)
  if (!streams) writeHash(bytes, at + 0x40, blobFor(reparse ? 'reparse' : 'data'))
  if (reparse) {
    bytes.writeUInt32LE(reparse.tag, at + 0x58)
    bytes.writeUInt16LE(reparse.reserved ?? 0, at + 0x5c)
    bytes.writeUInt16LE((reparse.notFixed ?? true) ? 1 : 0, at + 0x5e)
  } else bytes.writeBigUInt64LE(BigInt(entry.linkGroup ?? 0), at + 0x58)
  bytes.writeUInt16LE(streams?.length ?? 0, at + 0x60)
  bytes.writeUInt16LE(2 * shortName.length, at + 0x62)
  bytes.writeUInt16LE(2 * entry.name.length, at + 0x64)
  bytes.write(entry.name, at + ENTRY_FIXED, 'utf16le')
  bytes.write(shortName, at + ENTRY_FIXED + nameSize(entry.name), 'utf16le')
  const items = taggedItems(entry)
  items.copy(bytes, at + size - items.length)
  let next = at + size
  for (const kind of streams ?? []) {
    const name = streamName(entry, kind)
    bytes.writeBigUInt64LE(BigInt(streamSize(entry, kind)), next)
    writeHash(bytes, next + 0x10, blobFor(kind))
    bytes.writeUInt16LE(2 * name.length, next + 0x24)
    bytes.write(name, next + STREAM_FIXED, 'utf16le')
    next += streamSize(entry, kind)
  }
}

/** Zeros stand for an empty stream. */
function writeHash(bytes: Buffer, at: number, blob: WrittenBlob | undefined): void {
  if (blob) bytes.write(blob.sha1, at, 'latin1')
}
