import type { Bytes, FileRange } from '../../../io/bytes.js'
import type { ExtendedAttribute, UnixData } from '../read/entry.js'
import type { WimImageInfo } from '../read/image-info.js'

/** The bytes of a file or stream. Names of one file share one object: it is read once. */
export interface WimContent {
  /** In bytes. */
  readonly size: number
  /** Where the bytes lie as they are; workers read them there. */
  readonly range?: FileRange
  /** The bytes, where they lie nowhere in one piece. May be called twice for contents that do not compress. */
  open?(): Bytes
  /** Contents are requested in this order, so that streams that can only be read forward are; default: 0. */
  readonly order?: number
  /** Set where it is written: its number among all contents. */
  number?: number | undefined
}

export interface WimSourceStream {
  readonly name: string
  /** Undefined for an empty stream. */
  readonly content?: WimContent
}

export interface WimSourceReparse {
  /** Such as 0xa000000c for a symlink ([MS-FSCC] 2.1.2.1). */
  readonly tag: number
  readonly reserved?: number
  /** Whether an absolute target stands as it was; true unless it was made relative to the image's root. */
  readonly notFixed?: boolean
  /** The reparse buffer without its eight-byte head. */
  readonly data: Uint8Array
}

/** A file or directory to be written. */
export interface WimSourceEntry {
  /** '' for the root. */
  readonly name: string
  /** [MS-FSCC] 2.6. The bit for a directory says what it is. */
  readonly attributes: number
  /** 100 ns since 1601 (FILETIME), as all times. */
  readonly createdAt: bigint
  readonly accessedAt: bigint
  readonly writtenAt: bigint
  readonly children?: readonly WimSourceEntry[]
  /** Undefined for an empty file and for a directory. */
  readonly content?: WimContent
  readonly namedStreams?: readonly WimSourceStream[]
  readonly reparse?: WimSourceReparse
  /** The same number, not 0, for all names of one file. Directories and reparse points have none. */
  readonly linkGroup?: number
  /** A self-relative SECURITY_DESCRIPTOR ([MS-DTYP] 2.4.6). */
  readonly securityDescriptor?: Uint8Array
  /** The name of the form 8.3. */
  readonly shortName?: string
  /** 16 bytes, or 64 with the birth ids. */
  readonly objectId?: Uint8Array
  readonly extendedAttributes?: readonly ExtendedAttribute[]
  readonly unix?: UnixData
}

/** What the XML data says beside what is counted; all of it is optional. */
export type WimSourceInfo = Omit<
  WimImageInfo,
  'index' | 'name' | 'description' | 'directories' | 'files' | 'totalBytes' | 'hardLinkBytes'
>

export interface WimSourceImage {
  readonly name: string
  readonly description?: string
  readonly info?: WimSourceInfo
  /** A directory. */
  readonly root: WimSourceEntry
  /** Called once the tree has been read, which may be let go then; the contents are still needed. */
  release?(): void
}
