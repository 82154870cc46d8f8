import { numberOf64Bits } from './resource-header.js'

/** The attributes of a file that matter here ([MS-FSCC] 2.6). */
export const ATTRIBUTE_DIRECTORY = 0x10
export const ATTRIBUTE_REPARSE_POINT = 0x400
export const ATTRIBUTE_ENCRYPTED = 0x4000

const TAG_OBJECT_ID = 0x00000001
const TAG_XATTRS = 0x00000002
const TAG_UNIX_DATA = 0x337dd873
const TAG_LINUX_XATTRS = 0x337dd874

export interface NamedStream {
  readonly name: string
  /** Undefined for an empty stream. */
  readonly sha1: string | undefined
}

export interface ReparsePoint {
  /** Such as 0xa000000c for a symlink ([MS-FSCC] 2.1.2.1). */
  readonly tag: number
  readonly reserved: number
  /** Whether an absolute target was left as it was, and not made relative to the image's root. */
  readonly notFixed: boolean
  /** The blob of the reparse buffer without its eight-byte head; undefined where it is empty. */
  readonly sha1: string | undefined
}

export interface UnixData {
  readonly uid: number
  readonly gid: number
  readonly mode: number
  readonly rdev: number
}

export interface ExtendedAttribute {
  readonly name: string
  readonly flags: number
  readonly value: Buffer
}

const NO_STREAMS: readonly NamedStream[] = []

/** A file or directory of an image. What is seldom needed is read from the metadata on demand. */
export class WimEntry {
  children: WimEntry[] | undefined
  namedStreams: readonly NamedStream[] = NO_STREAMS
  /** Where in the metadata the hashes stand; 0 for none. */
  private sha1At = 0
  private reparseSha1At = 0
  /** Set if the WIM gives one group to files that differ. */
  private ownGroup: bigint | undefined

  constructor(
    readonly name: string,
    readonly parent: WimEntry | undefined,
    private readonly metadata: Buffer,
    /** Where it stands in the metadata. */
    readonly offset: number,
    private readonly descriptors: readonly Buffer[],
  ) {}

  /** From the root, with slashes; '/' for the root itself. */
  get path(): string {
    const names: string[] = []
    for (let entry: WimEntry = this; entry.parent; entry = entry.parent) names.push(entry.name)
    return `/${names.reverse().join('/')}`
  }

  /** The blob of the file's bytes; undefined for an empty file, and for a directory that is not encrypted. */
  get sha1(): string | undefined {
    return this.hashAt(this.sha1At)
  }

  /** The blob of the reparse buffer, of a reparse point. */
  get reparseSha1(): string | undefined {
    return this.hashAt(this.reparseSha1At)
  }

  /** @param sha1At where in the metadata the hash of the file's bytes stands; 0 for none, as of the reparse buffer */
  hashesAt(sha1At: number, reparseSha1At: number): void {
    this.sha1At = sha1At
    this.reparseSha1At = reparseSha1At
  }

  private hashAt(at: number): string | undefined {
    return at === 0 ? undefined : this.metadata.toString('hex', at, at + 20)
  }

  get attributes(): number {
    return this.metadata.readUInt32LE(this.offset + 8)
  }

  get isDirectory(): boolean {
    return (this.attributes & ATTRIBUTE_DIRECTORY) !== 0
  }

  get isReparsePoint(): boolean {
    return (this.attributes & ATTRIBUTE_REPARSE_POINT) !== 0
  }

  /** Whether the file's blob is not content but what EFS exports for an encrypted file ([MS-EFSR] 2.2.3). */
  get isEncrypted(): boolean {
    return (this.attributes & ATTRIBUTE_ENCRYPTED) !== 0
  }

  get securityDescriptor(): Buffer | undefined {
    return this.descriptors[this.metadata.readInt32LE(this.offset + 0x0c)]
  }

  /** 100 ns since 1601 (FILETIME), as all its times. */
  get createdAt(): bigint {
    return this.metadata.readBigUInt64LE(this.offset + 0x28)
  }

  get accessedAt(): bigint {
    return this.metadata.readBigUInt64LE(this.offset + 0x30)
  }

  get writtenAt(): bigint {
    return this.metadata.readBigUInt64LE(this.offset + 0x38)
  }

  get reparsePoint(): ReparsePoint | undefined {
    if (!this.isReparsePoint) return undefined
    return {
      tag: this.metadata.readUInt32LE(this.offset + 0x58),
      reserved: this.metadata.readUInt16LE(this.offset + 0x5c),
      notFixed: (this.metadata.readUInt16LE(this.offset + 0x5e) & 1) !== 0,
      sha1: this.reparseSha1,
    }
  }

  /** Equal for all names of one file; 0 for a file with one name. Directories and reparse points have none. */
  get linkGroup(): bigint {
    if (this.ownGroup !== undefined) return this.ownGroup
    return this.isReparsePoint || this.isDirectory ? 0n : this.metadata.readBigUInt64LE(this.offset + 0x58)
  }

  set linkGroup(group: bigint) {
    this.ownGroup = group
  }

  /** Where in the metadata the entries of a directory stand; 0 for none. */
  get listAt(): number {
    return numberOf64Bits(this.metadata, this.offset + 0x10)
  }

  /** The name of the form 8.3, where it has one. */
  get shortName(): string | undefined {
    const size = this.metadata.readUInt16LE(this.offset + 0x62)
    if (size === 0) return undefined
    const nameSize = this.metadata.readUInt16LE(this.offset + 0x64)
    const at = this.offset + 0x66 + (nameSize > 0 ? nameSize + 2 : 0)
    return this.metadata.toString('utf16le', at, at + size)
  }

  /** The NTFS object id: 16 bytes, or 64 with the birth ids. */
  get objectId(): Buffer | undefined {
    return this.tagged(TAG_OBJECT_ID)
  }

  /** Owner, mode and device, where wimlib was asked to record them. */
  get unix(): UnixData | undefined {
    const data = this.tagged(TAG_UNIX_DATA)
    if (!data || data.length < 16) return undefined
    return {
      uid: data.readUInt32LE(0),
      gid: data.readUInt32LE(4),
      mode: data.readUInt32LE(8),
      rdev: data.readUInt32LE(12),
    }
  }

  /** NTFS extended attributes, or those of a Linux file. */
  get extendedAttributes(): ExtendedAttribute[] {
    const data = this.tagged(TAG_XATTRS)
    if (data) return readXattrs(data)
    const old = this.tagged(TAG_LINUX_XATTRS)
    return old ? readLinuxXattrs(old) : []
  }

  /** The data of the first tagged item of that kind; bytes that are not items are taken for padding. */
  private tagged(tag: number): Buffer | undefined {
    const { metadata, offset } = this
    const end = offset + numberOf64Bits(metadata, offset)
    const nameSize = metadata.readUInt16LE(offset + 0x64)
    const shortSize = metadata.readUInt16LE(offset + 0x62)
    const names = 0x66 + (nameSize > 0 ? nameSize + 2 : 0) + (shortSize > 0 ? shortSize + 2 : 0)
    let at = offset + ((names + 7) & ~7)
    while (at + 8 <= end) {
      const size = metadata.readUInt32LE(at + 4)
      if (at + 8 + size > end) return undefined
      if (metadata.readUInt32LE(at) === tag) return metadata.subarray(at + 8, at + 8 + size)
      at += 8 + ((size + 7) & ~7)
    }
    return undefined
  }
}

/** u16 value size, u8 name size, u8 flags, name, NUL, value: one after the other. */
function readXattrs(data: Buffer): ExtendedAttribute[] {
  const found: ExtendedAttribute[] = []
  let at = 0
  while (at + 4 <= data.length) {
    const valueSize = data.readUInt16LE(at)
    const nameSize = data[at + 2] ?? 0
    const end = at + 4 + nameSize + 1 + valueSize
    if (nameSize === 0 || end > data.length) break
    const name = data.toString('utf8', at + 4, at + 4 + nameSize)
    found.push({ name, flags: data[at + 3] ?? 0, value: data.subarray(end - valueSize, end) })
    at = end
  }
  return found
}

/** The form of wimlib 1.11 and 1.12: u16 name size, u16 0, u32 value size, name, value, padding to a multiple of 4. */
function readLinuxXattrs(data: Buffer): ExtendedAttribute[] {
  const found: ExtendedAttribute[] = []
  let at = 0
  while (at + 8 <= data.length) {
    const nameSize = data.readUInt16LE(at)
    const valueSize = data.readUInt32LE(at + 4)
    const end = at + 8 + nameSize + valueSize
    if (nameSize === 0 || end > data.length) break
    const name = data.toString('utf8', at + 8, at + 8 + nameSize)
    found.push({ name, flags: 0, value: data.subarray(end - valueSize, end) })
    at = Math.ceil(end / 4) * 4
  }
  return found
}
