import { ContainerImageError } from '../../../manifests/index.js'
import type { Bytes, FileRange, ReadOptions } from '../../io/bytes.js'
import { FolderFromOutside, type Inside } from '../../io/files/inside-folder.js'
import { listFolder } from '../../io/files/list-folder.js'
import { readWhole } from '../../io/files/read-range.js'
import { memberName } from './member-names.js'
import { type Member, type Members, whatIs } from './members.js'

/** Deep enough for `blobs/sha256/<hex>`; a folder that is deeper is not a layout. */
const LIST_DEPTH = 4
const LIST_LIMIT = 1_000_000

/**
 * The members of a folder on disk. Links are followed as long as they stay within the folder; others are
 * members of their own kind.
 */
export function folderMembers(root: string, { mayTake = false }: { mayTake?: boolean } = {}): Members {
  const folder = new FolderFromOutside(root)
  return {
    label: root,
    forwardOnly: false,
    async find(name) {
      return memberOf(memberName(name, root), await folder.find(memberName(name, root)))
    },
    async list() {
      const members: Member[] = []
      await listInto(folder, { name: '', path: root, above: [] }, members)
      return members
    },
    async *read(name, options: ReadOptions = {}): Bytes {
      yield* readWhole((await locate(folder, name)).path, options)
    },
    async locate(name): Promise<FileRange | undefined> {
      if (!mayTake) return await locate(folder, name)
      // A run that was killed may already have moved it without having given it its name.
      if ((await folder.find(memberName(name, root)))?.kind !== 'file') return undefined
      return { ...(await locate(folder, name)), mayTake }
    },
    position: () => 0,
    async close() {},
  }
}

function memberOf(name: string, found: Inside | undefined): Member | undefined {
  switch (found?.kind) {
    case undefined:
      return undefined
    case 'file':
      return { name, kind: 'file', size: found.size }
    case 'folder':
      return { name, kind: 'folder', size: 0 }
    case 'link':
      return { name, kind: 'link', size: 0, target: found.target, what: found.what }
    case 'other':
      return { name, kind: 'other', size: 0, what: found.what }
  }
}

async function locate(folder: FolderFromOutside, name: string): Promise<FileRange> {
  const { root } = folder
  const found = await folder.find(memberName(name, root))
  if (found?.kind === 'file') return { path: found.path, offset: 0, size: found.size }
  const what = whatIs(memberOf(name, found))
  const message = found ? `${root}: ${name} is ${what}.` : `${root} has no file ${name}.`
  throw new ContainerImageError('BLOB_MISSING', message, {
    side: 'source',
    expected: 'a regular file',
    found: what,
  })
}

/** A folder that is being listed. */
interface Listed {
  /** As members below it begin; empty for the top. */
  name: string
  path: string
  /** The folders that it is in: a link to one of them would be listed without end. */
  above: string[]
}

async function listInto(folder: FolderFromOutside, listed: Listed, members: Member[]): Promise<void> {
  const above = [...listed.above, listed.path]
  for (const entry of await listFolder(listed.path, 'source', LIST_LIMIT)) {
    const name = listed.name === '' ? entry.name : `${listed.name}/${entry.name}`
    const found = await folder.find(name)
    const member = memberOf(name, found)
    if (!member) continue
    members.push(member)
    if (members.length > LIST_LIMIT)
      throw new ContainerImageError('ARCHIVE_INVALID', `${folder.root} holds too many files.`, {
        side: 'source',
        expected: `at most ${LIST_LIMIT}`,
      })
    if (found?.kind === 'folder' && above.length < LIST_DEPTH && !above.includes(found.path))
      await listInto(folder, { name, path: found.path, above }, members)
  }
}
