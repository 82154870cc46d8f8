import type { Digest } from '../../../manifests/index.js'
import type { LookRequest } from '../../inside/image/open-image.js'

export interface FilesRequest extends LookRequest {
  /** Only this path and what is below it, or what matches a pattern with wildcards; default: all. */
  pattern?: string | undefined
  /** Also list what layers removed; default: false. */
  removed?: boolean | undefined
  /**
   * Receives the files, some at a time, in place of the result: an image may have half a million. It is
   * awaited.
   */
  onFiles?: ((files: InsideFile[]) => void | Promise<void>) | undefined
}

export interface TakeFileRequest extends LookRequest {
  /** The file to extract, by its path in the image; links are followed within the image. */
  path: string
  /** The file that is written; `-` for `stdout`. */
  output: string
  /** Overwrite a file of that name; default: FILE_EXISTS. */
  force?: boolean | undefined
  /** Receives the bytes if they go to standard output. */
  stdout?: ((bytes: AsyncIterable<Uint8Array>) => Promise<void>) | undefined
}

/** The files of one image. */
export interface FilesResult {
  /** Its name, with its tag where it has one. */
  image: string
  /** Of its manifest. */
  digest: Digest
  /** From the lowest up. */
  layers: { digest: Digest; size: number }[]
  /** In the order of their names, each folder before what is in it; none where `onFiles` took them. */
  files: InsideFile[]
  /** What layers removed; only if requested. */
  removed?: { path: string; layer: number }[]
}

/** What an image has under one name. */
export interface InsideFile {
  /** From the root of the image, beginning with a slash. */
  path: string
  /** What it is; a further name of a file is a file as well. */
  kind: 'file' | 'folder' | 'link' | 'character-device' | 'block-device' | 'fifo'
  /** In bytes; 0 for what is not a file. */
  size: number
  /** Permissions in octal digits: `0755`, `4755`. */
  mode: string
  /** Number of the owner. */
  uid: number
  /** Number of the group. */
  gid: number
  /** ISO 8601. */
  modified: string
  /** The layer that it came from, counted from 1. */
  layer: number
  /** Of a link: where it leads, as the image has it. */
  target?: string
  /** Of a further name of a file: the path of the name that is listed first. */
  sameAs?: string
  /** Of a device. */
  device?: { major: number; minor: number }
}

export interface TakenFile {
  /** Its name, with its tag where it has one. */
  image: string
  /** Of its manifest. */
  digest: Digest
  /** The file in the image, after following links. */
  path: string
  /** As it was asked for. */
  output: string
  /** In bytes. */
  size: number
}
