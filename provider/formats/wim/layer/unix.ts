import type { WimEntry } from '../read/entry.js'
import type { LayerKind } from './layer-entry.js'

/** The kinds of files by the upper bits of their mode (inode(7)). */
const KINDS = new Map<number, LayerKind>([
  [0o010000, 'fifo'],
  [0o020000, 'character device'],
  [0o040000, 'folder'],
  [0o060000, 'block device'],
  [0o100000, 'file'],
])

/** What an entry with UNIX data is; undefined for sockets and unknown kinds. */
export function unixKind(entry: WimEntry): LayerKind | undefined {
  const { unix } = entry
  if (!unix) return entry.isDirectory ? 'folder' : 'file'
  const kind = KINDS.get(unix.mode & 0o170000)
  // A mode that contradicts the tree is not believed.
  if ((kind === 'folder') !== entry.isDirectory) return entry.isDirectory ? 'folder' : undefined
  return kind
}

/** The two numbers of a device, as Linux packs them (makedev(3)). */
export function deviceNumbers(rdev: number): { major: number; minor: number } {
  return { major: (rdev >>> 8) & 0xfff, minor: ((rdev & 0xff) | ((rdev >>> 12) & 0xfff00)) >>> 0 }
}
