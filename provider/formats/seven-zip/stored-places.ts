import type { ListedMember } from './listing.js'
import { START_BYTES } from './parts.js'

/** A member whose bytes are in the archive unchanged. */
export interface StoredMember extends ListedMember {
  crc32: number
  /** In bytes from the start of the archive. */
  offset: number
}

/**
 * Where the members are in a 7z that is not compressed: one stream after the other from the first header on, and in
 * each stream the members one after the other (7zFormat.txt, "Archive structure", "Pack Info" and "Substreams info").
 * The list does not say so, so whoever reads there compares the sums.
 * @param packedBytes between the two headers
 * @returns undefined if the archive is not laid out like that
 */
export function storedPlaces(
  index: ReadonlyMap<string, ListedMember>,
  packedBytes: number,
): Map<string, StoredMember> | undefined {
  const places = new Map<string, StoredMember>()
  let offset = START_BYTES
  let before = 0
  for (const member of index.values()) {
    if (member.kind !== 'file' || member.size === 0) continue
    const { size, crc32, block, isStored } = member
    if (!isStored || crc32 === undefined || block === undefined || block < before) return undefined
    places.set(member.name, { ...member, crc32, offset })
    offset += size
    before = block
  }
  return offset - START_BYTES <= packedBytes ? places : undefined
}
