import type { Bytes, FileRange, ReadOptions } from '../../io/bytes.js'

/** What an archive or a folder holds under one name. */
export interface Member {
  /** With forward slashes, no `./` before it, no slash after it. */
  name: string
  kind: 'file' | 'folder' | 'link' | 'hard-link' | 'other'
  /** In bytes; 0 for what is not a file. */
  size: number
  /** For links: where they lead, as the archive spells it. */
  target?: string
  /** What it is in words, if its kind alone says too little: `a named pipe`. */
  what?: string
}

/** What was found where a file was looked for. */
export function whatIs(member: Member | undefined): string {
  return member ? (member.what ?? `a ${member.kind}`) : 'nothing'
}

/**
 * The members of an archive or a folder, read in place: a tar, a compressed tar, a folder on disk. Formats
 * (an OCI layout, a docker archive) are written on top of it and so work in each of them.
 */
export interface Members {
  /** For messages: the path of the archive or folder. */
  readonly label: string
  /** Whether going back costs reading everything again, as in a compressed tar. */
  readonly forwardOnly: boolean
  /** The member of that name, or undefined. Links are not followed. */
  find(name: string): Promise<Member | undefined>
  /** Every member; a folder on disk lists its files down to the given depth. */
  list(): Promise<Member[]>
  /** A file's bytes, from an offset. @throws BLOB_MISSING, ARCHIVE_INVALID */
  read(name: string, options?: ReadOptions): Bytes
  /** Where a file's bytes are on this machine, if they are there uncompressed and in one piece. */
  locate(name: string): Promise<FileRange | undefined>
  /** Where a file begins, for reading many in the cheapest order. */
  position(name: string): number
  close(): Promise<void>
}
