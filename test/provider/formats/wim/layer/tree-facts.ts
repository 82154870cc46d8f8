import { createHash } from 'node:crypto'
import type { TarMember } from './read-tar.js'

/** What a layer holds, whatever the order of its members: each path with all that is kept of it. */
export type TreeFacts = Record<string, Record<string, unknown>>

/** Of Windows: attributes, descriptors, times, streams. Owners and modes mean nothing there. */
export function windowsFacts(members: readonly TarMember[]): TreeFacts {
  return treeFacts(members, ({ records }) =>
    Object.fromEntries(
      Object.entries(records).filter(
        ([key]) => /^(MSWINDOWS\.|LIBARCHIVE\.)/.test(key) || key === 'atime' || key === 'mtime',
      ),
    ),
  )
}

/** Of Linux: owner, mode, device, the time of the last change, extended attributes. */
export function linuxFacts(members: readonly TarMember[]): TreeFacts {
  return treeFacts(members, (member) => {
    const { mode, uid, gid, device, records } = member
    const attributes = Object.entries(records).filter(([key]) => key.startsWith('SCHILY.xattr.'))
    const owner = { uid: Number(records.uid ?? uid), gid: Number(records.gid ?? gid) }
    return {
      mode,
      ...owner,
      device,
      mtime: hundredNanoseconds(member.mtime),
      ...Object.fromEntries(attributes),
    }
  })
}

/** No WIM holds more of a time. */
function hundredNanoseconds(text: string): string {
  const [seconds = '0', decimals = ''] = text.split('.')
  return `${seconds}.${decimals.slice(0, 7).padEnd(7, '0')}`
}

function treeFacts(members: readonly TarMember[], own: (member: TarMember) => object): TreeFacts {
  const plain = (name: string): string => name.replace(/^\.\//, '').replace(/\/+$/, '') || '.'
  const byName = new Map(members.map((member) => [plain(member.name), member]))
  const first = (member: TarMember): TarMember => {
    const target = member.type === '1' ? byName.get(plain(member.link)) : undefined
    return target ? first(target) : member
  }
  const names = new Map<TarMember, string[]>()
  for (const [name, member] of byName)
    names.set(first(member), [...(names.get(first(member)) ?? []), name].sort())
  const facts: TreeFacts = {}
  for (const [name, member] of byName) {
    const file = first(member)
    const { type, link, bytes } = file
    const sha1 = createHash('sha1').update(bytes).digest('hex')
    // Only files have several names in a WIM; further names of links and devices become files of their own.
    const group = type === '0' ? names.get(file) : [name]
    facts[name] = { type, link, sha1, names: group, ...own(file) }
  }
  return facts
}
