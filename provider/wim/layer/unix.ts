import type { WimEntry } from '../entry.js'
import type { LayerKind } from './contents.js'

/** The kinds of files by the upper bits of their mode (inode(7)). */
const KINDS: Record<number, LayerKind> = {
  2401: 'fifo',
  4802: 'character device',
  9604: 'folder',
  14406: 'block device',
  16807: 'file',
}

/** What an entry with UNIX data is; undefined for sockets and unknown kinds. */
export function unixKind(entry: WimEntry): LayerKind | undefined {
  const { unix } = entry
  if (!unix) return entry.isDirectory ? 'folder' : 'file'
  const kind = KINDS[unix.mode & 0o170000]
  // A mode that contradicts the tree is not believed.
  if ((kind === 'folder') !== entry.isDirectory) return entry.isDirectory ? 'folder' : undefined
  return kind
}

/** The two numbers of a device, as Linux packs them (makedev(3)). */
export function deviceNumbers(rdev: number): { major: number; minor: number } {
  return { major: (rdev >>> 8) & 0xfff, minor: ((rdev & 0xff) | ((rdev >>> 12) & 0xfff00)) >>> 0 }
}
