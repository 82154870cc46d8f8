import path from 'node:path'
import { ContainerImageError, show } from '../../../manifests/index.js'
import { unsafe } from './member-names.js'
import { type Member, type Members, whatIs } from './members.js'

/** Old docker archives link a layer that an image shares to another image's; tars of layouts link equal files. */
const LINK_LIMIT = 8

/**
 * The file that a name in an archive means: links are followed inside the archive, by name only.
 * @throws BLOB_MISSING, UNSAFE_NAME where a link leads out of the archive or in a circle
 */
export async function followLinks(members: Members, name: string): Promise<Member> {
  let current = path.posix.normalize(name)
  for (let i = 0; i < LINK_LIMIT; i++) {
    if (current.startsWith('..') || current.startsWith('/')) throw unsafe(name, members.label)
    const member = await members.find(current)
    if (member?.kind === 'file') return member
    if ((member?.kind !== 'link' && member?.kind !== 'hard-link') || member.target === undefined)
      throw new ContainerImageError('BLOB_MISSING', `${members.label} has no file ${show(name)}.`, {
        side: 'source',
        expected: 'a regular file, or a link to one',
        found: whatIs(member),
      })
    if (member.target.startsWith('/')) throw unsafe(member.target, members.label)
    const base = member.kind === 'link' ? path.posix.dirname(current) : '.'
    current = path.posix.normalize(path.posix.join(base, member.target))
  }
  throw unsafe(name, members.label)
}
