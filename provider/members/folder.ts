import { lstat, readdir, readlink } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError } from '../../manifests/index.js'
import { readRange } from '../files/read-range.js'
import type { Bytes, FileRange, ReadOptions } from '../ports.js'
import { memberName } from './member-names.js'
import type { Member, Members } from './members.js'

/** Deep enough for `blobs/sha256/<hex>`; a folder that is deeper is no layout. */
const LIST_DEPTH = 4
const LIST_LIMIT = 1_000_000

/** The members of a folder on disk. Links are members of their own kind and never followed. */
export function folderMembers(root: string, { mayTake = false }: { mayTake?: boolean } = {}): Members {
  const at = (name: string): string => path.join(root, ...memberName(name, root).split('/'))
  return {
    label: root,
    forwardOnly: false,
    async find(name) {
      return await memberAt(at(name), memberName(name, root))
    },
    async list() {
      const members: Member[] = []
      await listInto(root, '', LIST_DEPTH, members)
      return members
    },
    async *read(name, options: ReadOptions = {}): Bytes {
      const range = await locateFile(at(name), name, root)
      yield* readRange(range, options)
    },
    async locate(name): Promise<FileRange | undefined> {
      if (!mayTake) return await locateFile(at(name), name, root)
      // A run that was killed may have taken it already, and not yet have given it its name.
      if ((await memberAt(at(name), name))?.kind !== 'file') return undefined
      return { ...(await locateFile(at(name), name, root)), mayTake }
    },
    position: () => 0,
    async close() {},
  }
}

async function memberAt(file: string, name: string): Promise<Member | undefined> {
  try {
    const stats = await lstat(file)
    if (stats.isFile()) return { name, kind: 'file', size: stats.size }
    if (stats.isDirectory()) return { name, kind: 'folder', size: 0 }
    if (!stats.isSymbolicLink()) return { name, kind: 'other', size: 0 }
    const target = (await readlink(file)).replaceAll(path.sep, '/')
    return { name, kind: 'link', size: 0, target }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

async function locateFile(file: string, name: string, root: string): Promise<FileRange> {
  const member = await memberAt(file, name)
  if (member?.kind !== 'file')
    throw new ContainerImageError('BLOB_MISSING', `${root} has no file ${name}.`, {
      side: 'source',
      expected: 'a regular file',
      found: member?.kind ?? 'nothing',
    })
  return { path: file, offset: 0, size: member.size }
}

async function listInto(folder: string, prefix: string, depth: number, members: Member[]): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const name = prefix + entry.name
    const member = await memberAt(path.join(folder, entry.name), name)
    if (!member) continue
    members.push(member)
    if (members.length > LIST_LIMIT)
      throw new ContainerImageError('ARCHIVE_INVALID', `${folder} holds too many files.`, {
        side: 'source',
        expected: `at most ${LIST_LIMIT}`,
      })
    if (member.kind === 'folder' && depth > 1)
      await listInto(path.join(folder, entry.name), `${name}/`, depth - 1, members)
  }
}
