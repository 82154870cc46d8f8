import { ContainerImageError, show } from '../../../manifests/index.js'
import type { Cursor } from './cursor.js'
import { memberName, unsafe } from './member-names.js'
import { type Member, whatIs } from './members.js'
import { type TarEntry, tarEntries } from './tar-entries.js'

/** A member of a tar with the place of its bytes, from the start of the (uncompressed) tar. */
export interface IndexedMember extends Member {
  offset: number
}

/** An archive of images has a few members a layer; more is an attack on memory. */
export const MEMBER_LIMIT = 200_000

/**
 * Reads all headers of a tar. `each` may take an entry's bytes from the cursor as it passes, and may stop
 * the walk by returning false.
 * @throws ARCHIVE_INVALID, also for two members of one name and for sparse files; UNSAFE_NAME, also for devices
 */
export async function memberIndex(
  cursor: Cursor,
  archive: string,
  each: (member: IndexedMember, entry: TarEntry) => Promise<boolean> = async () => true,
): Promise<Map<string, IndexedMember>> {
  const index = new Map<string, IndexedMember>()
  /** By a form of the name that is equal for names that some file system treats as the same. */
  const names = new Map<string, string>()
  for await (const entry of tarEntries(cursor, archive)) {
    const name = memberName(entry.rawName, archive)
    if (entry.kind === 'other') throw unsafe(entry.rawName, archive, 'a device')
    if (entry.isSparse) throw sparse(entry.rawName, archive)
    if (name === '') continue
    const member: IndexedMember = {
      name,
      kind: entry.kind,
      size: entry.size,
      offset: entry.offset,
      target: entry.target,
    }
    addOnce(index, names, member, archive)
    if (!(await each(member, entry))) break
  }
  return index
}

/**
 * A second member of the same name would let two readers see two archives; only folders may repeat. Names
 * that one file system takes for the same are the same here (CVE-2026-23950, CVE-2021-37712).
 */
export function addOnce<T extends Member>(
  index: Map<string, T>,
  names: Map<string, string>,
  member: T,
  archive: string,
): void {
  const folded = member.name.normalize('NFC').toLowerCase()
  const known = names.get(folded)
  const other = known === undefined ? undefined : index.get(known)
  const isFolderAgain = known === member.name && other?.kind === 'folder' && member.kind === 'folder'
  if (other && other.name !== member.name) throw sameOnWindows(archive, other.name, member.name)
  if (other && !isFolderAgain)
    throw new ContainerImageError('ARCHIVE_INVALID', `${archive} holds ${show(member.name)} twice.`, {
      side: 'source',
      expected: 'every name once, in whatever case',
      found: `two members: ${show(other.name)} and ${show(member.name)}`,
    })
  index.set(member.name, member)
  names.set(folded, member.name)
  if (index.size > MEMBER_LIMIT) throw tooManyMembers(archive)
}

export function tooManyMembers(archive: string): ContainerImageError {
  return new ContainerImageError('ARCHIVE_INVALID', `${archive} holds too many members.`, {
    side: 'source',
    expected: `at most ${MEMBER_LIMIT}`,
    found: 'more',
  })
}

function sameOnWindows(archive: string, one: string, two: string): ContainerImageError {
  const both = `${show(one)} and ${show(two)}`
  return new ContainerImageError(
    'ARCHIVE_INVALID',
    `${archive} holds ${show(two)} twice for Windows, which takes it and ${show(one)} for one name.`,
    {
      side: 'source',
      expected: 'every name once, in whatever case',
      found: both,
      remedy: 'Pack it again with one of them, or give the other another name.',
    },
  )
}

/** A reader that knows sparse files takes other bytes for the content than one that does not. */
function sparse(name: string, archive: string): ContainerImageError {
  return new ContainerImageError('ARCHIVE_INVALID', `${archive} holds ${show(name)} as a sparse file.`, {
    side: 'source',
    expected: 'files with all of their bytes',
    found: 'a map of holes',
  })
}

/** The member of that name. @throws BLOB_MISSING where it is missing or no file */
export function indexOf<T extends Member>(index: Map<string, T>, name: string, archive: string): T {
  const member = index.get(name)
  if (member?.kind === 'file') return member
  throw new ContainerImageError('BLOB_MISSING', `${archive} has no file ${show(name)}.`, {
    side: 'source',
    expected: 'a regular file',
    found: whatIs(member),
  })
}
