import { hasCode } from '../../../manifests/index.js'
import type { Members } from '../../archives/members/members.js'
import { summed } from '../../archives/members/summed.js'
import { indexOf } from '../../archives/members/tar-index.js'
import type { Bytes, ReadOptions } from '../../io/bytes.js'
import { SharedFile } from '../../io/files/shared-file.js'
import type { ListedMember } from './listing.js'
import { type StoredMember, storedPlaces } from './stored-places.js'

/** How much is read to see whether members are where they should be. */
const SMALL_BYTES = 4 * 1024 * 1024

/**
 * The members of a 7z that is not compressed, read in place. Bytes that are read from their beginning are compared with
 * the member's CRC-32.
 * @returns undefined if the last of its documents is not where it should be: then 7-Zip has to find it
 */
export async function inPlace(
  file: string,
  index: Map<string, ListedMember>,
  packedBytes: number,
): Promise<Members | undefined> {
  const places = storedPlaces(index, packedBytes)
  const last = [...(places?.values() ?? [])].filter(({ size }) => size <= SMALL_BYTES).at(-1)
  if (!places || !last) return undefined
  const shared = new SharedFile(file)
  if (!(await isThere(shared, last))) {
    await shared.close()
    return undefined
  }
  return {
    label: file,
    forwardOnly: false,
    find: async (name) => index.get(name),
    list: async () => [...index.values()],
    async *read(name, options = {}) {
      const member = indexOf(index, name, file)
      const place = places.get(name)
      if (place) yield* stored(shared, place, options)
      else yield* summed(nothing(), { name, size: member.size, crc32: 0 }, file)
    },
    async locate(name) {
      indexOf(index, name, file)
      const place = places.get(name)
      if (!place) return undefined
      const { offset, size, crc32 } = place
      return { path: file, offset, size, isShared: true, member: { name, crc32 } }
    },
    position: (name) => places.get(name)?.offset ?? 0,
    close: () => shared.close(),
  }
}

async function* stored(file: SharedFile, member: StoredMember, options: ReadOptions): Bytes {
  const bytes = file.read(member.offset, member.size, options)
  // Bytes from the middle have no sum; whoever needs them has a digest.
  yield* (options.from ?? 0) > 0 ? bytes : summed(bytes, member, file.path)
}

async function isThere(file: SharedFile, member: StoredMember): Promise<boolean> {
  try {
    for await (const _ of stored(file, member, {}));
    return true
  } catch (error) {
    if (hasCode(error, 'ARCHIVE_INVALID')) return false
    throw error
  }
}

async function* nothing(): Bytes {}
