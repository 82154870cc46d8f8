import { statSync, symlinkSync } from 'node:fs'
import type { TarEntry } from '../../archives/members/tar-entries.js'

/** Windows tells links to folders from links to files, and makes junctions for everybody, others for few. */
export type LinkKind = 'junction' | 'dir' | 'file'

const DIRECTORY = 0x10

function isJunction(records: TarEntry['records']): boolean {
  return records?.get('MSWINDOWS.mountpoint')?.toString('latin1') === '1'
}

/** Always given: otherwise Windows would look at the target, which may not exist yet, and assume a file. */
export function linkKind({ records }: TarEntry): LinkKind {
  if (isJunction(records)) return 'junction'
  const attributes = Number(records?.get('MSWINDOWS.fileattr')?.toString('latin1') ?? 0)
  return (attributes & DIRECTORY) === 0 ? 'file' : 'dir'
}

/** Of a link that was made here. */
export function linkTypeOf(link: string): LinkKind {
  return statSync(link, { throwIfNoEntry: false })?.isDirectory() ? 'dir' : 'file'
}

/**
 * The errors if a user may not make links, or a file system has none: symlink(2), and what libuv makes of
 * Windows' ERROR_INVALID_FUNCTION (EISDIR), as FAT answers.
 */
const NO_LINKS = new Set(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR'])

/**
 * Makes a link, and returns what was lost of it. Without the privilege for symlinks a junction replaces one
 * to a folder; it stores an absolute target, so a relative one would lead out of the folder once that is
 * renamed.
 */
export function makeLink(target: string, place: string, kind: LinkKind): string[] {
  if (isMade(target, place, kind)) return []
  const mayBeJunction = process.platform === 'win32' && kind === 'dir' && isAbsolute(target)
  if (mayBeJunction && isMade(target, place, 'junction')) return [`symlink to ${target}, made as a junction`]
  return [`${kind === 'junction' ? kind : 'symlink'} to ${target}, which may not be made here`]
}

function isMade(target: string, place: string, kind: LinkKind): boolean {
  try {
    symlinkSync(target, place, kind)
    return true
  } catch (error) {
    if (NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

/** Relative targets work with slashes; the rest keeps the spelling of Windows and leads nowhere else. */
export function localTarget({ target = '' }: TarEntry): string {
  if (process.platform === 'win32' || isAbsolute(target)) return target
  return target.replaceAll('\\', '/')
}

function isAbsolute(target: string): boolean {
  return /^(\\|[A-Za-z]:)/.test(target)
}

export function linkLosses({ kind, target = '', records }: TarEntry): string[] {
  if (kind !== 'link') return []
  // Elsewhere it leads where it should: no kind of link has to substitute for another.
  if (process.platform === 'win32') return []
  if (isJunction(records)) return [`junction to ${target}, made as a symlink`]
  return isAbsolute(target) ? [`symlink to ${target}, which leads nowhere here`] : []
}
