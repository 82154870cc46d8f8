import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, statSync } from 'node:fs'
import path from 'node:path'
import { type Digest, isDigest } from '../../../manifests/index.js'
import { type Held, replaceFile } from '../../io/files/durable.js'

/** Written last: a folder without it is half an image. */
export const METADATA = 'metadata.json'

/** What the folder of an image says about itself. */
export interface FolderMetadata {
  /** Of the image's manifest; the original's folders do not say what they were made from. */
  digest: Digest | undefined
  /** The names of the stores beside the folder of images that it was laid out for. */
  stores: string[]
  /** Bytes of all files. */
  size: number
  /** All that it says, unchanged. */
  document: object
}

/** More than any of ours needs. */
const METADATA_BYTES = 64 * 1024

/** What a folder says about itself; undefined if it is not a complete image, or only a link to one. */
export function metadataOf(folder: string): FolderMetadata | undefined {
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) return undefined
  const document = parsed(readRegular(path.join(folder, METADATA)))
  if (!document) return undefined
  const { Digest, Stores, Size } = document
  return {
    digest: isDigest(Digest) ? Digest : undefined,
    stores: Array.isArray(Stores) ? Stores.filter(isName) : [],
    size: typeof Size === 'number' && Size >= 0 ? Size : 0,
    document,
  }
}

/** Records again which stores a folder was laid out for. */
export async function writeStores(
  folder: string,
  { document }: FolderMetadata,
  stores: string[],
  lock: Held,
): Promise<void> {
  const text = JSON.stringify({ ...document, Stores: [...new Set(stores)] })
  await replaceFile(path.join(folder, METADATA), Buffer.from(text), { lock })
}

/** How a store is named in the folders beside it: both may be moved together. */
export function storeName(store: string): string {
  return path.basename(path.resolve(store))
}

/** The paths of those stores that a folder was laid out for, other than one of them, and which are still there. */
export function otherStores({ stores }: FolderMetadata, images: string, store: string): string[] {
  return stores.map((name) => besides(images, name)).filter((one) => exists(one) && !isSame(one, store))
}

export function isLaidOutFor({ stores }: FolderMetadata, images: string, store: string): boolean {
  return stores.some((name) => isSame(besides(images, name), store))
}

function besides(images: string, name: string): string {
  return path.join(path.dirname(images), name)
}

/** One store may be named in several ways: in different case, or through a link. */
function isSame(one: string, other: string): boolean {
  if (path.resolve(one) === path.resolve(other)) return true
  const [a, b] = [one, other].map((place) => statSync(place, { bigint: true, throwIfNoEntry: false }))
  return a !== undefined && b !== undefined && a.ino !== 0n && a.ino === b.ino && a.dev === b.dev
}

function exists(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !/^\.{1,2}$|[/\\\0]/.test(value)
}

function parsed(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = text === undefined ? undefined : JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** Anybody may have put something in its place: a link is not followed, and a pipe is not waited for. */
function readRegular(file: string): string | undefined {
  if (!lstatSync(file, { throwIfNoEntry: false })?.isFile()) return undefined
  const fd = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
  try {
    if (!fstatSync(fd).isFile()) return undefined
    const bytes = Buffer.alloc(METADATA_BYTES)
    const count = readSync(fd, bytes, 0, METADATA_BYTES, 0)
    return bytes.toString('utf8', 0, count)
  } finally {
    closeSync(fd)
  }
}
