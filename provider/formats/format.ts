import type { Members } from '../archives/members/members.js'
import type { HashOptions } from '../copy/check/hash-blobs.js'
import type { VerifyResult } from '../copy/check/verify-result.js'
import type { CopyPlan, ImageCollection, ImageSink, ImageSource } from '../copy/ports.js'
import type { SharedFile } from '../io/files/shared-file.js'
import type { Hasher } from '../io/hashing/hasher.js'

/**
 * What is carried in one form: how it is known, read, checked and written, as far as it can be. What is said here is
 * small; the code that does it is loaded when a verb meets the format.
 */
export interface Format<Options = object> {
  /** As `--format` spells it, where a save can make it. */
  name: string
  /** How its files end, with the dot; the first is what a save gives them. */
  endings?: string[]
  /** What lies at a path, where that is of this format. */
  at?(place: Place, options: Options): Found | undefined | Promise<Found | undefined>
  /** The images of an archive or a folder, where what lies in it is of this format. */
  inside?(inside: Inside): Promise<ImageCollection | undefined>
  /** Checks what `inside` has opened; without it every image is read. */
  check?(collection: ImageCollection, members: Members, options: HashOptions): Promise<VerifyResult>
  saved?: Saved
}

/** What lies at a path that is opened: a file or a folder. */
export interface Place {
  path: string
  isFolder: boolean
  /** In bytes; of a file. */
  size: number
  /** The first bytes of a file; none of a folder. */
  start: Uint8Array
  /** For looking further into a file; closed when its format is known. */
  file: SharedFile
}

/** In what the members of images lie. */
export type Around = 'folder' | 'archive' | 'packed' | 'volumes'

export type Found = FoundMembers | FoundImage

/** An archive or a folder, within which images of several formats may lie. */
export interface FoundMembers {
  around: Around
  members(): Promise<Members>
  check?: FoundCheck
}

/** A file that is images itself. */
export interface FoundImage {
  around?: undefined
  collection(): Promise<ImageCollection>
  check?: FoundCheck
}

/** Reads every byte of what was found, and lists what is wrong. */
export type FoundCheck = (options: HashOptions, open: () => Promise<ImageCollection>) => Promise<VerifyResult>

/** The members that a path has, while it is asked of which format they are. */
export interface Inside {
  members: Members
  around: Around
  /** Whether there is a file of this name. @throws ARCHIVE_UNKNOWN where something else is in its place */
  has(name: string): Promise<boolean>
  /** The files besides a layout that a list names. */
  listed(): Promise<ReadonlySet<string>>
  signal?: AbortSignal
}

/** What a save makes of images. */
export interface Saved {
  /** Whether it is chosen by `--format`, and not by an option of its own. */
  isNamed: boolean
  /** Whether a WIM that a source offers is copied as it is where nothing else was asked for. */
  keepsWims: boolean
  /** What may be left out of it that the other side has; of blocks, parts of layers too. */
  delta: 'none' | 'layers' | 'blocks'
  /** Whether it has no place for what is not an image. */
  imagesOnly?: boolean
  /** Whether it is a folder that all images share, with a list of what lies in it. */
  isFolder?: boolean
  /** Size of the file that would be made, in bytes. */
  plannedSize?(plan: CopyPlan): Promise<number>
  /** The end of a copy into one file. Where there is none, a save has steps of its own for the format. */
  sink?(file: string, saving: Saving): Promise<FileSink>
}

/** What goes into a file, and how. */
export interface Saving {
  source: ImageSource
  plan: CopyPlan
  /** Overwrite a file of that name. */
  force: boolean
  hasher: Hasher
}

export interface FileSink extends ImageSink {
  /** Of the finished file, in hex; known after the commit unless the file was there before or is small. */
  readonly sha256: string | undefined
}
