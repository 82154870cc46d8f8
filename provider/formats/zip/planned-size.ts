import type { PlannedMember } from '../in-place/member-plan.js'

/** From here on, numbers take eight bytes (APPNOTE 6.3.10, section 4.4.1.4). */
const WIDE = 0xffffffff

const HEADER_BYTES = 30
const DIRECTORY_HEADER_BYTES = 46
const DIRECTORY_WIDE_BYTES = 28
const END_BYTES = 22
const WIDE_END_BYTES = 56 + 20

type Sized = Pick<PlannedMember, 'name' | 'size' | 'bytes'>

/** Where the header of each member begins, and where its bytes do, in bytes from the start of the zip. */
export function placesInZip<T extends Sized>(
  members: readonly T[],
): { member: T; offset: number; bytesAt: number }[] {
  let offset = 0
  return members.map((member) => {
    const place = { member, offset, bytesAt: offset + HEADER_BYTES + member.name.length }
    offset = place.bytesAt + member.size + descriptorBytes(member)
    return place
  })
}

/** The size of what follows a member whose sum was not known before. */
function descriptorBytes({ size, bytes }: Sized): number {
  if (bytes) return 0
  return size > WIDE ? 24 : 16
}

/** Size of a zip of these members, in bytes, as archiver writes it: blobs stored, with their sums after them. */
export function zipSize(members: readonly Sized[]): number {
  let end = 0
  let directory = 0
  for (const { member, offset, bytesAt } of placesInZip(members)) {
    const isWide = member.size > WIDE || offset > WIDE
    directory += DIRECTORY_HEADER_BYTES + member.name.length + (isWide ? DIRECTORY_WIDE_BYTES : 0)
    end = bytesAt + member.size + descriptorBytes(member)
  }
  return end + directory + END_BYTES + (end > WIDE ? WIDE_END_BYTES : 0)
}
