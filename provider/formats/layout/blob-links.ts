import { BLOBS_FOLDER, hasCode, isDigest } from '../../../manifests/index.js'
import { followLinks } from '../../archives/members/follow-links.js'
import type { Member, Members } from '../../archives/members/members.js'
import type { Bytes, ReadOptions } from '../../io/bytes.js'

/** Whether a member has the name of a blob: its digest. */
export function isBlobName(name: string): boolean {
  const [folder, algorithm, hex, ...more] = name.split('/')
  return folder === BLOBS_FOLDER && more.length === 0 && isDigest(`${algorithm}:${hex}`)
}

/**
 * The members of a layout, where a blob that is a link to a file of the same archive is replaced by that
 * file: tar writes equal files that way, and so do tools that save space. A blob that leads anywhere else
 * stays the link that it is.
 */
export function withLinkedBlobs(members: Members): Members {
  const real = async (name: string): Promise<string> => (await fileOf(name))?.name ?? name

  /** The file behind a blob that is a link; undefined for any other. */
  async function fileOf(name: string, known?: Member): Promise<Member | undefined> {
    if (!isBlobName(name)) return undefined
    const member = known ?? (await members.find(name))
    if (member?.kind !== 'link' && member?.kind !== 'hard-link') return undefined
    return await followLinks(members, name).catch((error) => {
      if (hasCode(error, 'UNSAFE_NAME', 'BLOB_MISSING')) return undefined
      throw error
    })
  }

  async function through(member: Member): Promise<Member> {
    const file = await fileOf(member.name, member)
    return file ? { name: member.name, kind: 'file', size: file.size } : member
  }

  return {
    label: members.label,
    forwardOnly: members.forwardOnly,
    async find(name) {
      const member = await members.find(name)
      return member && (await through(member))
    },
    async list() {
      return await Promise.all((await members.list()).map(through))
    },
    async *read(name, options: ReadOptions = {}): Bytes {
      yield* members.read(await real(name), options)
    },
    locate: async (name) => await members.locate(await real(name)),
    position: (name) => members.position(name),
    close: () => members.close(),
  }
}
