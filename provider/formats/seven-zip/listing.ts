import { ContainerImageError, show } from '../../../manifests/index.js'
import { checkPortable, memberName, unsafe } from '../../archives/members/member-names.js'
import type { Member } from '../../archives/members/members.js'
import { addOnce, MEMBER_LIMIT, tooManyMembers } from '../../archives/members/tar-index.js'
import { complaint } from './complaint.js'
import { type ListedLine, NO_PASSWORD, runSevenZip } from './run.js'

/** A member as 7-Zip lists it. */
export interface ListedMember extends Member {
  crc32?: number
  /**
   * The stream of the archive that it is in; the members of a stream are in it in the order in which they are listed.
   */
  block?: number
  /** Its bytes are in the archive unchanged. */
  isStored: boolean
}

/**
 * What 7-Zip lists of an archive. The list is trusted for planning; what comes out is compared.
 * @throws ARCHIVE_INVALID, UNSAFE_NAME, PROGRAM_MISSING
 */
export async function listSevenZip(
  archive: string,
  signal?: AbortSignal,
): Promise<Map<string, ListedMember>> {
  const listed = await runSevenZip(
    (seven, options) => seven.list(archive, options({ techInfo: true, $raw: [NO_PASSWORD] })),
    {
      signal,
    },
  )
  if (listed.lines.length > MEMBER_LIMIT) throw tooManyMembers(archive)
  if (listed.exit !== 0 || listed.errors.trim() !== '') throw complaint(archive, listed)
  // On Windows 7-Zip writes every slash like this, and replaces the backslashes in names by other characters.
  if (listed.backslashed !== undefined && process.platform !== 'win32')
    throw unsafe(listed.backslashed, archive)
  const index = new Map<string, ListedMember>()
  const names = new Map<string, string>()
  for (const line of listed.lines) {
    const member = memberOf(line, archive)
    if (member.name !== '') addOnce(index, names, member, archive)
  }
  return withFolders(index)
}

function memberOf({ file, techInfo = new Map() }: ListedLine, archive: string): ListedMember {
  const name = memberName(file ?? '', archive)
  checkPortable(name, archive)
  if (techInfo.get('Encrypted') === '+')
    throw new ContainerImageError('ARCHIVE_INVALID', `${archive} holds ${show(name)} encrypted.`, {
      side: 'source',
      expected: 'members that can be read',
      found: 'one behind a password',
      remedy: 'Unpack it with 7-Zip and give the folder.',
    })
  const attributes = techInfo.get('Attributes') ?? ''
  // Windows' flags come first, and after a blank those of Unix as `ls` writes them.
  const [flags = '', mode = '-'] = [attributes.split(' ')[0], attributes.split(' ')[1]]
  const isLink = flags.includes('L') || mode.startsWith('l') || techInfo.get('Symbolic Link')
  if (isLink || techInfo.get('Hard Link')) throw unsafe(name, archive, 'a link')
  if (!/^[-d]/.test(mode)) throw unsafe(name, archive, 'a device')
  const size = Number(techInfo.get('Size') ?? 0)
  const isFolder = flags.startsWith('D') || mode.startsWith('d')
  if (!Number.isSafeInteger(size) || size < 0 || (isFolder && size > 0))
    throw new ContainerImageError('ARCHIVE_INVALID', `${archive} gives no size of ${show(name)}.`, {
      side: 'source',
      expected: 'a number of bytes',
      found: show(techInfo.get('Size') ?? ''),
    })
  const [crc32, block] = [techInfo.get('CRC'), techInfo.get('Block')]
  return {
    name,
    kind: isFolder ? 'folder' : 'file',
    size,
    isStored: techInfo.get('Method') === 'Copy' && techInfo.get('Encrypted') === '-',
    ...(/^[0-9A-F]{8}$/.test(crc32 ?? '') ? { crc32: Number.parseInt(crc32 ?? '', 16) } : {}),
    ...(/^\d+$/.test(block ?? '') ? { block: Number(block) } : {}),
  }
}

/** An archive without attributes does not say which of its empty members are folders. */
function withFolders(index: Map<string, ListedMember>): Map<string, ListedMember> {
  for (const { name } of [...index.values()])
    for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
      const above = index.get(name.slice(0, at))
      if (above?.size === 0) above.kind = 'folder'
    }
  return index
}
