import { ContainerImageError, show } from '../../../manifests/index.js'
import type { AnyEntry } from '../compare/entry-differences.js'

/** Whose the files of a new layer are. */
export type OwnerChoice = 'as-is' | 'parent' | { uid: number; gid: number }

const LARGEST_ID = 2 ** 32 - 2

/**
 * `as-is`, `parent`, or the numbers of a user and a group: `0:0`.
 * @throws USAGE
 */
export function parseOwner(said: string): OwnerChoice {
  if (said === 'as-is' || said === 'parent') return said
  const [, uid, gid] = /^(\d{1,10}):(\d{1,10})$/.exec(said) ?? []
  const owner = { uid: Number(uid), gid: Number(gid) }
  if (uid !== undefined && owner.uid <= LARGEST_ID && owner.gid <= LARGEST_ID) return owner
  throw new ContainerImageError('USAGE', `${show(said)} is not an owner.`, {
    expected: 'as-is, parent, or two numbers such as 0:0',
    found: show(said),
    remedy: 'Give the numbers of a user and a group, with a colon between them.',
  })
}

/** Gives an entry its owner; what is new belongs to root where the parent is asked. */
export function owned<E extends AnyEntry>(entry: E, before: AnyEntry | undefined, choice: OwnerChoice): E {
  if (choice === 'as-is') return entry
  const { uid, gid } = choice === 'parent' ? (before ?? { uid: 0, gid: 0 }) : choice
  entry.uid = uid
  entry.gid = gid
  return entry
}
