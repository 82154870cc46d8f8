import type { PlannedMember } from '../in-place/member-plan.js'

/** From this on, numbers take eight bytes (APPNOTE 6.3.10, section 4.4.1.4). */
const WIDE = 0xffffffff

const HEADER_BYTES = 30
const DIRECTORY_HEADER_BYTES = 46
const DIRECTORY_WIDE_BYTES = 28
const END_BYTES = 22
const WIDE_END_BYTES = 56 + 20

/** Size of a zip of these members, in bytes, as archiver writes it: blobs stored, with their sums behind them. */
export function zipSize(members: Pick<PlannedMember, 'name' | 'size' | 'bytes'>[]): number {
  let offset = 0
  let directory = 0
  for (const { name, size, bytes } of members) {
    const isWide = size > WIDE
    const descriptor = bytes ? 0 : isWide ? 24 : 16
    directory += DIRECTORY_HEADER_BYTES + name.length + (isWide || offset > WIDE ? DIRECTORY_WIDE_BYTES : 0)
    offset += HEADER_BYTES + name.length + size + descriptor
  }
  return offset + directory + END_BYTES + (offset > WIDE ? WIDE_END_BYTES : 0)
}
