import type { TarEntry } from '../../../archives/members/tar-entries.js'

/** Records that are kept elsewhere in a WIM, that other checks report, or that mean nothing there. */
const KNOWN = new Set([
  ...['path', 'linkpath', 'size', 'mtime', 'atime', 'ctime', 'uid', 'gid', 'uname', 'gname'],
  ...['comment', 'charset', 'hdrcharset', 'LIBARCHIVE.creationtime'],
  ...['MSWINDOWS.fileattr', 'MSWINDOWS.rawsd', 'MSWINDOWS.mountpoint'],
  ...['SCHILY.dev', 'SCHILY.ino', 'SCHILY.nlink', 'SCHILY.devmajor', 'SCHILY.devminor', 'SCHILY.filetype'],
])
const KNOWN_PREFIXES = { windows: ['MSWINDOWS.xattr.'], linux: ['SCHILY.xattr.', 'GNU.sparse.'] }

/** Counts the records of layers that no WIM has a place for, such as the descriptors of docker's first Windows images. */
export class LostRecords {
  private readonly counts = new Map<string, number>()

  constructor(private readonly os: 'windows' | 'linux') {}

  add({ records }: TarEntry): void {
    for (const key of records?.keys() ?? [])
      if (!KNOWN.has(key) && !KNOWN_PREFIXES[this.os].some((prefix) => key.startsWith(prefix)))
        this.counts.set(key, (this.counts.get(key) ?? 0) + 1)
  }

  /** One for each kind of record; if there are many kinds, only the first. */
  lines(): string[] {
    const lines = [...this.counts].map(
      ([key, count]) =>
        `${count} ${count === 1 ? 'entry has' : 'entries have'} a record ${key}, which no WIM keeps.`,
    )
    const more = lines.length - MOST_LINES
    return more > 0 ? [...lines.slice(0, MOST_LINES), `${more} more kinds of records are not kept.`] : lines
  }
}

const MOST_LINES = 20
