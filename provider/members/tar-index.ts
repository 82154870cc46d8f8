import { ContainerImageError, show } from '../../manifests/index.js'
import type { Cursor } from './cursor.js'
import { memberName } from './member-names.js'
import type { Member } from './members.js'
import { type TarEntry, tarEntries } from './tar-entries.js'

/** A member of a tar with the place of its bytes, from the start of the (uncompressed) tar. */
export interface IndexedMember extends Member {
  offset: number
}

/** An archive of images has a few members a layer; more is an attack on memory. */
const MEMBER_LIMIT = 200_000

/**
 * Reads all headers of a tar. `each` may take an entry's bytes from the cursor as it passes, and may stop
 * the walk by returning false.
 * @throws ARCHIVE_INVALID, also for two members of one name; UNSAFE_NAME
 */
export async function memberIndex(
  cursor: Cursor,
  archive: string,
  each: (member: IndexedMember, entry: TarEntry) => Promise<boolean> = async () => true,
): Promise<Map<string, IndexedMember>> {
  const index = new Map<string, IndexedMember>()
  for await (const entry of tarEntries(cursor, archive)) {
    const name = memberName(entry.rawName, archive)
    if (name === '') continue
    const member: IndexedMember = {
      name,
      kind: entry.kind,
      size: entry.size,
      offset: entry.offset,
      ...(entry.target === undefined ? {} : { target: entry.target }),
    }
    addOnce(index, member, archive)
    if (!(await each(member, entry))) break
  }
  return index
}

/** A second member of the same name would let two readers see two archives; only folders may repeat. */
function addOnce(index: Map<string, IndexedMember>, member: IndexedMember, archive: string): void {
  const other = index.get(member.name)
  if (other && !(other.kind === 'folder' && member.kind === 'folder'))
    throw new ContainerImageError('ARCHIVE_INVALID', `${archive} holds ${show(member.name)} twice.`, {
      side: 'source',
      expected: 'every name once',
      found: `two members ${show(member.name)}`,
    })
  index.set(member.name, member)
  if (index.size > MEMBER_LIMIT)
    throw new ContainerImageError('ARCHIVE_INVALID', `${archive} holds too many members.`, {
      side: 'source',
      expected: `at most ${MEMBER_LIMIT}`,
      found: 'more',
    })
}

/** The member of that name. @throws BLOB_MISSING where it is missing or no file */
export function indexOf(index: Map<string, IndexedMember>, name: string, archive: string): IndexedMember {
  const member = index.get(name)
  if (member?.kind === 'file') return member
  throw new ContainerImageError('BLOB_MISSING', `${archive} has no file ${show(name)}.`, {
    side: 'source',
    expected: 'a regular file',
    found: member?.kind ?? 'nothing',
  })
}
