import { ATTRIBUTE_DIRECTORY } from '../read/entry.js'
import { Numbers } from './columns.js'
import type { ContentList } from './content-list.js'
import { MetadataBytes, type Room } from './metadata-bytes.js'
import type { WimSourceEntry } from './source.js'
import { align8, taggedItems } from './tagged-items.js'

/** The fixed parts of an entry and of a stream. */
const ENTRY_FIXED = 0x66
const STREAM_FIXED = 0x26

/** Which of an entry's streams a stream entry is for: a named one by its number. */
export type StreamKind = 'reparse' | 'data' | number

/** What is counted for the XML data. */
export interface TreeCounts {
  directories: number
  files: number
  totalBytes: number
  hardLinkBytes: number
}

/** Writes the entries of a tree into its metadata, one after the other. */
export class EntryWriter {
  readonly bytes = new MetadataBytes()
  readonly counts: TreeCounts = { directories: -1, files: 0, totalBytes: 0, hardLinkBytes: 0 }
  /** Where each stream's hash goes, and the number of its content. */
  readonly hashAt = new Numbers()
  readonly contentOf = new Numbers()
  private readonly groups = new Set<number>()

  constructor(
    descriptors: readonly Uint8Array[],
    private readonly descriptorOf: ReadonlyMap<Uint8Array, number>,
    private readonly contents: ContentList,
  ) {
    writeSecurity(this.bytes, descriptors)
  }

  /**
   * @param streams undefined where there is one stream, whose hash stands in the entry itself
   * @returns where the entry is
   */
  write(entry: WimSourceEntry, streams: readonly StreamKind[] | undefined): number {
    const position = this.bytes.size
    const items = taggedItems(entry)
    const names = nameSize(entry.name) + nameSize(entry.shortName ?? '')
    const size = align8(ENTRY_FIXED + names) + items.length
    const room = this.bytes.take(size)
    this.writeFixed(room, entry, size, streams?.length ?? 0)
    items.copy(room.bytes, room.at + size - items.length)
    const contentFor = this.addContents(entry)
    let used = 0
    if (!streams) used += this.leaveHash(position + 0x40, contentFor(entry.reparse ? 'reparse' : 'data'))
    for (const kind of streams ?? []) {
      const at = this.writeStream(streamName(entry, kind))
      used += this.leaveHash(at + 0x10, contentFor(kind))
    }
    this.count(entry, used)
    return position
  }

  /** Says in a directory's entry that its list begins here. */
  beginList(directory: number): void {
    const { bytes, at } = this.bytes.find(directory)
    bytes.writeBigUInt64LE(BigInt(this.bytes.size), at + 0x10)
  }

  /** All contents of an entry get their numbers, also one that no stream of it names. */
  private addContents(entry: WimSourceEntry): (kind: StreamKind) => number {
    const reparse = entry.reparse ? this.contents.addReparse(entry.reparse.data) : -1
    const data = this.contents.add(entry.content)
    const named = entry.namedStreams?.map(({ content }) => this.contents.add(content))
    return (kind) => (kind === 'reparse' ? reparse : kind === 'data' ? data : (named?.[kind] ?? -1))
  }

  /** Zeros stand for an empty stream. @returns the size of the content */
  private leaveHash(position: number, content: number): number {
    if (content < 0) return 0
    this.hashAt.push(position)
    this.contentOf.push(content)
    return this.contents.contents[content]?.size ?? 0
  }

  private writeFixed({ bytes, at }: Room, entry: WimSourceEntry, size: number, streams: number): void {
    const { securityDescriptor, reparse, shortName = '' } = entry
    bytes.writeUInt32LE(size, at)
    bytes.writeUInt32LE(entry.attributes >>> 0, at + 0x08)
    bytes.writeInt32LE(securityDescriptor ? (this.descriptorOf.get(securityDescriptor) ?? -1) : -1, at + 0x0c)
    bytes.writeBigUInt64LE(entry.createdAt, at + 0x28)
    bytes.writeBigUInt64LE(entry.accessedAt, at + 0x30)
    bytes.writeBigUInt64LE(entry.writtenAt, at + 0x38)
    if (reparse) {
      bytes.writeUInt32LE(reparse.tag, at + 0x58)
      bytes.writeUInt16LE(reparse.reserved ?? 0, at + 0x5c)
      bytes.writeUInt16LE((reparse.notFixed ?? true) ? 1 : 0, at + 0x5e)
    } else bytes.writeBigUInt64LE(BigInt(entry.linkGroup ?? 0), at + 0x58)
    bytes.writeUInt16LE(streams, at + 0x60)
    bytes.writeUInt16LE(2 * shortName.length, at + 0x62)
    bytes.writeUInt16LE(2 * entry.name.length, at + 0x64)
    bytes.write(entry.name, at + ENTRY_FIXED, 'utf16le')
    bytes.write(shortName, at + ENTRY_FIXED + nameSize(entry.name), 'utf16le')
  }

  /** @returns where the stream's entry is */
  private writeStream(name: string): number {
    const position = this.bytes.size
    const size = align8(STREAM_FIXED + nameSize(name))
    const { bytes, at } = this.bytes.take(size)
    bytes.writeUInt32LE(size, at)
    bytes.writeUInt16LE(2 * name.length, at + 0x24)
    bytes.write(name, at + STREAM_FIXED, 'utf16le')
    return position
  }

  private count(entry: WimSourceEntry, size: number): void {
    const { counts, groups } = this
    // What leads elsewhere counts as a file, as wimlib counts it.
    if (isDirectory(entry) && !entry.reparse) counts.directories++
    else counts.files++
    counts.totalBytes += size
    if (!entry.linkGroup) return
    if (groups.has(entry.linkGroup)) counts.hardLinkBytes += size
    groups.add(entry.linkGroup)
  }
}

export function isDirectory(entry: WimSourceEntry): boolean {
  return (entry.attributes & ATTRIBUTE_DIRECTORY) !== 0
}

/** The block of security descriptors, up to where the root begins. */
function writeSecurity(metadata: MetadataBytes, descriptors: readonly Uint8Array[]): void {
  const size = align8(descriptors.reduce((sum, one) => sum + 8 + one.length, 8))
  const { bytes } = metadata.take(size)
  bytes.writeUInt32LE(size, 0)
  bytes.writeUInt32LE(descriptors.length, 4)
  let at = 8 + 8 * descriptors.length
  descriptors.forEach((descriptor, i) => {
    bytes.writeUInt32LE(descriptor.length, 8 + 8 * i)
    bytes.set(descriptor, at)
    at += descriptor.length
  })
}

/** A name with its NUL; nothing where there is none. */
function nameSize(name: string): number {
  return name === '' ? 0 : 2 * name.length + 2
}

function streamName(entry: WimSourceEntry, kind: StreamKind): string {
  return typeof kind === 'number' ? (entry.namedStreams?.[kind]?.name ?? '') : ''
}
