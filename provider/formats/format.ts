import type { Members } from '../archives/members/members.js'
import type { HashOptions } from '../copy/check/hash-blobs.js'
import type { VerifyResult } from '../copy/check/verify-result.js'
import type { CopyPlan, ImageCollection, ImageSink, ImageSource } from '../copy/ports.js'
import type { SharedFile } from '../io/files/shared-file.js'
import type { Hasher } from '../io/hashing/hasher.js'

/**
 * One format of what is carried: how it is recognised, read, checked and written, as far as that is
 * supported. These declarations are small; the code behind them is loaded when a verb meets the format.
 */
export interface Format<Options = object> {
  /** As `--format` spells it, if a save can make it. */
  name: string
  /** How its files end, with the dot; the first is what a save gives them. */
  endings?: string[]
  /** What is at a path, if it is of this format. */
  at?(place: Place, options: Options): Found | undefined | Promise<Found | undefined>
  /** The images in an archive or a folder, if its content is of this format. */
  inside?(inside: Inside): Promise<ImageCollection | undefined>
  /** Checks what `inside` has opened; without it every image is read. */
  check?(collection: ImageCollection, members: Members, options: HashOptions): Promise<VerifyResult>
  saved?: Saved
}

/** What is at a path that is being opened: a file or a folder. */
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

/** What the members of images are in. */
export type Around = 'folder' | 'archive' | 'packed' | 'volumes'

export type Found = FoundMembers | FoundImage

/** An archive or a folder, which may contain images in several formats. */
export interface FoundMembers {
  around: Around
  members(): Promise<Members>
  check?: FoundCheck
}

/** A file that itself is the images. */
export interface FoundImage {
  around?: undefined
  collection(): Promise<ImageCollection>
  check?: FoundCheck
}

/** Reads every byte of what was found, and lists what is wrong. */
export type FoundCheck = (options: HashOptions, open: () => Promise<ImageCollection>) => Promise<VerifyResult>

/** The members at a path, while their format is being determined. */
export interface Inside {
  members: Members
  around: Around
  /** Whether there is a file of this name. @throws ARCHIVE_UNKNOWN if something else is in its place */
  has(name: string): Promise<boolean>
  /** The files beside a layout that a list names. */
  listed(): Promise<ReadonlySet<string>>
  signal?: AbortSignal
}

/** What a save makes of images. */
export interface Saved {
  /** Whether it is chosen with `--format`, not with a separate option. */
  isNamed: boolean
  /** Whether a WIM that a source offers is copied as it is, if nothing else was asked for. */
  keepsWims: boolean
  /** What may be left out because the other side has it; with blocks, also parts of layers. */
  delta: 'none' | 'layers' | 'blocks'
  /** Whether it has no place for what is not an image. */
  imagesOnly?: boolean
  /** Whether it is a folder that all images share, with a list of what lies in it. */
  isFolder?: boolean
  /** Size of the file that would be made, in bytes. */
  plannedSize?(plan: CopyPlan): Promise<number>
  /** The sink of a copy into one file. If there is none, a save has separate steps for the format. */
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
