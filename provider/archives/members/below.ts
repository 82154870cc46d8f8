import { MEDIA_FILE } from '../../../manifests/index.js'
import type { Member, Members } from './members.js'

/** Folders into which macOS puts its own attributes when it makes a zip. */
const OF_ARCHIVERS = /^__MACOSX(\/|$)/

/**
 * The members without those that operating systems add, and, if all of them are in one folder, as seen from
 * that folder: people zip the folder, not its content.
 */
export async function belowTop(members: Members, isOfSystem: (name: string) => boolean): Promise<Members> {
  const all = (await members.list()).filter(({ name }) => !OF_ARCHIVERS.test(name) && !isOfSystem(name))
  const prefix = topOf(all)
  const shown = all.filter(({ name }) => name.startsWith(prefix) && name.length > prefix.length)
  const list = shown.map((member) => belowPrefix(member, prefix))
  const index = new Map(list.map((member) => [member.name, member]))
  return {
    label: members.label,
    forwardOnly: members.forwardOnly,
    find: async (name) => index.get(name),
    list: async () => list,
    read: (name, options) => members.read(prefix + name, options),
    locate: (name) => members.locate(prefix + name),
    position: (name) => members.position(prefix + name),
    close: () => members.close(),
  }
}

/** A hard link names the other file from the top of the archive. */
function belowPrefix(member: Member, prefix: string): Member {
  const name = member.name.slice(prefix.length)
  const target = member.target?.replace(/^(\.\/)+/, '')
  if (member.kind !== 'hard-link' || !target?.startsWith(prefix)) return { ...member, name }
  return { ...member, name, target: target.slice(prefix.length) }
}

/** What an archive of images has at its top; a folder of one of these names is not one around them. */
const OWN_TOPS = new Set(['blobs', 'ingest', MEDIA_FILE])

function topOf(members: Member[]): string {
  const tops = new Set(members.map(({ name }) => name.split('/')[0] ?? ''))
  const [top = ''] = tops
  const isFolder = members.every(({ name, kind }) => name !== top || kind === 'folder')
  return tops.size === 1 && isFolder && !OWN_TOPS.has(top) ? `${top}/` : ''
}
