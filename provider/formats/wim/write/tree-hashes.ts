import type { TreeLayout } from './tree-layout.js'
import type { WrittenBlobs } from './written-blobs.js'

/**
 * Puts the hashes of all contents into a tree's metadata, and counts how often each blob is used.
 * @param blobOf by the number of a content, the number of its blob
 */
export function putHashes(
  { bytes, hashAt, contentOf }: TreeLayout,
  blobOf: Uint32Array,
  blobs: WrittenBlobs,
): void {
  for (let i = 0; i < hashAt.length; i++) {
    const blob = blobOf[contentOf.at(i)] ?? 0
    const place = bytes.find(hashAt.at(i))
    blobs.hashes.at(blob).copy(place.bytes, place.at)
    blobs.use(blob)
  }
}
