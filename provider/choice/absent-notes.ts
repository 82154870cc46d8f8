import path from 'node:path'
import {
  type Descriptor,
  type Digest,
  hasCode,
  isIndexType,
  printable,
  shortDigest,
} from '../../manifests/index.js'
import { isBadInput } from '../copy/bad-input.js'
import { type IndexParts, partsOf } from '../copy/index-parts.js'
import type { ImageCollection, NamedImage } from '../copy/ports.js'
import { splitDigestOff } from '../names/split-digest-off.js'
import { namesOf } from './held-roots.js'

/** Lines for the reader about what a collection lacks; known once `images` has been called. */
export async function notesOn(collection: ImageCollection, signal?: AbortSignal): Promise<string[]> {
  const own = collection.notes?.() ?? []
  return [...own, ...(await namedOtherwise(collection)), ...(await absentNotes(collection, signal))]
}

/**
 * A line for each name that ends in the digest of another image. Tools that take one platform of an index keep the name
 * by which the index was asked for, so it is no reason to refuse the image; but the name does not say what is there.
 * In a docker archive without an index, manifests are made on reading, and have digests that no name can know.
 */
async function namedOtherwise(collection: ImageCollection): Promise<string[]> {
  if (collection.format === 'docker archive') return []
  const lines = new Set<string>()
  for (const { refName = '', root } of await collection.images()) {
    const { digest } = splitDigestOff(refName)
    if (digest === undefined || digest === root.digest) continue
    lines.add(
      `${printable(path.basename(collection.label))}: what is called ${printable(refName)} there is ${root.digest}.`,
    )
  }
  return [...lines]
}

/** A line for each index with missing images. */
export async function absentNotes(collection: ImageCollection, signal?: AbortSignal): Promise<string[]> {
  const notes = new Map<Digest, string>()
  for (const image of await collection.images()) {
    const { root } = image
    if (!isIndexType(root.mediaType) || notes.has(root.digest)) continue
    const parts = await readParts(collection, root, signal)
    if (parts && parts.images.length > 0 && parts.absent.length > 0)
      notes.set(root.digest, absentNote(collection.label, image, parts.absent))
  }
  return [...notes.values()]
}

/** An index that cannot be read is reported where it is used. */
async function readParts(
  collection: ImageCollection,
  root: Descriptor,
  signal?: AbortSignal,
): Promise<IndexParts | undefined> {
  try {
    return await partsOf(collection, root, signal)
  } catch (error) {
    if (isBadInput(error) || hasCode(error, 'BLOB_MISSING', 'NOT_FOUND')) return undefined
    throw error
  }
}

function absentNote(label: string, { refName, root }: NamedImage, absent: Descriptor[]): string {
  const name = printable(refName ?? shortDigest(root.digest))
  const others = printable(namesOf(absent))
  const isOrAre = absent.length === 1 ? 'is' : 'are'
  return `${printable(path.basename(label))}: ${name} was made for ${others} as well, which ${isOrAre} not in it.`
}
