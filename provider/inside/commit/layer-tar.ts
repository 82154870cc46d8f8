import { writeSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { ContainerImageError, show, throwIfAborted } from '../../../manifests/index.js'
import { WHITEOUT_PREFIX } from '../../archives/layers/whiteout.js'
import { exactBytes } from '../../archives/members/exact-text.js'
import {
  headerSize,
  type MemberHeader,
  NAME_BYTES,
  PaxRecords,
  writeHeaders,
} from '../../archives/members/pax-headers.js'
import { BLOCK, padded } from '../../archives/members/tar-header.js'
import { comparePaths } from '../compare/path-order.js'
import type { Root, RootEntry } from './root.js'
import type { FoundChanges } from './tree-changes.js'

export interface LayerTarOptions {
  /** No time is later, in seconds since 1970; default: no bound. */
  latest?: number
  signal?: AbortSignal
  /** Called with the number of bytes of files that were written since the last call. */
  onBytes?: (count: number) => void
}

/** One member of the layer: something in the root, or the whiteout for something that is gone. */
type Member = { path: string } & ({ entry: RootEntry } | { whiteout: true })

const TYPES: Record<RootEntry['kind'], MemberHeader['type']> = {
  file: '0',
  link: '2',
  'character-device': '3',
  'block-device': '4',
  folder: '5',
  fifo: '6',
}
const OCTAL_7 = 8 ** 7
const OCTAL_11 = 8 ** 11
const BUFFER = 4 * 1024 * 1024
/** Other work gets a turn after this many members. */
const TURN = 1024

/**
 * The tar of a layer (OCI image-spec, layer.md, "Representing Changes"): what was added or changed in the order of the
 * names, with the folders that lead to it, and a whiteout for what is gone. The same changes always make the same bytes.
 */
export class LayerTar {
  private readonly members: Member[]

  constructor(
    private readonly root: Root,
    { changes, folders }: Pick<FoundChanges, 'changes' | 'folders'>,
    private readonly options: LayerTarOptions = {},
  ) {
    const members = new Map<string, Member>()
    for (const [path, entry] of folders) members.set(path, { path, entry })
    for (const change of changes) {
      if (change.does === 'remove') members.set(change.path, { path: change.path, whiteout: true })
      else members.set(change.entry.path, { path: change.entry.path, entry: change.entry })
    }
    this.members = [...members.values()].sort((a, b) => comparePaths(a.path, b.path))
  }

  /** In bytes, of all files. */
  get contentBytes(): number {
    return this.members.reduce((sum, member) => sum + storedOf(member), 0)
  }

  /** In bytes, of the tar. */
  get size(): number {
    return this.members.reduce((sum, member) => sum + this.sizeOf(member), 2 * BLOCK)
  }

  /**
   * Writes the tar into an open, empty file; returns its size.
   * @throws CHANGED_MEANWHILE, NO_SPACE and what reading the root throws
   */
  async write({ fd, ready }: { fd: number; ready(upTo: number): void }): Promise<number> {
    const { signal, onBytes } = this.options
    const out = new Writer(fd, ready)
    for (const [i, member] of this.members.entries()) {
      const { header, records } = this.headersOf(member)
      writeHeaders(out.room(headerSize(records)), 0, header, records)
      if (header.size > 0 && 'entry' in member) {
        let left = header.size
        for await (const chunk of this.root.bytes(member.entry, signal)) {
          left -= chunk.length
          if (left < 0) break
          out.write(chunk)
          onBytes?.(chunk.length)
        }
        if (left !== 0) throw otherSize(this.root.label, member.path)
        out.room(padded(header.size) - header.size)
      }
      if (i % TURN !== 0) continue
      throwIfAborted(signal)
      await setImmediate()
    }
    out.room(2 * BLOCK)
    return out.end()
  }

  private sizeOf(member: Member): number {
    return headerSize(this.headersOf(member).records) + padded(storedOf(member))
  }

  private headersOf(member: Member): { header: MemberHeader; records: PaxRecords } {
    return 'entry' in member ? this.headersOfEntry(member.entry) : headersOfWhiteout(member.path)
  }

  private headersOfEntry(entry: RootEntry): { header: MemberHeader; records: PaxRecords } {
    const { kind, path, sameAs, mode, uid, gid, device } = entry
    const { latest = Number.POSITIVE_INFINITY } = this.options
    const records = new PaxRecords()
    const isFurther = sameAs !== undefined
    const header: MemberHeader = {
      ...{ name: latin1(kind === 'folder' ? `${path}/` : path), type: isFurther ? '1' : TYPES[kind] },
      ...{ mode: kind === 'link' ? 0o777 : mode, uid, gid, size: storedOf({ path, entry }) },
      ...{
        linkName: latin1(sameAs ?? entry.target ?? ''),
        major: device?.major ?? 0,
        minor: device?.minor ?? 0,
      },
      seconds: Math.floor(Math.min(entry.mtime, latest)),
    }
    const attributes = isFurther ? [] : [...(entry.xattrs ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
    for (const [name, value] of attributes)
      records.addBytes(`SCHILY.xattr.${latin1(name)}`, Buffer.from(value).toString('latin1'))
    addOverflow(records, header)
    return { header, records }
  }
}

function storedOf(member: Member): number {
  if (!('entry' in member)) return 0
  const { kind, size, sameAs } = member.entry
  return kind === 'file' && sameAs === undefined ? size : 0
}

function headersOfWhiteout(path: string): { header: MemberHeader; records: PaxRecords } {
  const cut = path.lastIndexOf('/') + 1
  const records = new PaxRecords()
  const header: MemberHeader = {
    ...{ name: latin1(`${path.slice(0, cut)}${WHITEOUT_PREFIX}${path.slice(cut)}`), type: '0', mode: 0 },
    ...{ uid: 0, gid: 0, size: 0, seconds: 0, linkName: '', major: 0, minor: 0 },
  }
  addOverflow(records, header)
  return { header, records }
}

/** One character a byte. */
function latin1(text: string): string {
  return exactBytes(text).toString('latin1')
}

/** What the old header has no room for (POSIX.1-2017, pax, "pax Extended Header"). */
function addOverflow(records: PaxRecords, { name, linkName, uid, gid, size, seconds }: MemberHeader): void {
  if (gid >= OCTAL_7) records.addBytes('gid', String(gid))
  if (!fits(linkName)) records.addBytes('linkpath', linkName)
  if (seconds < 0 || seconds >= OCTAL_11) records.addBytes('mtime', String(seconds))
  if (!fits(name)) records.addBytes('path', name)
  if (size >= OCTAL_11) records.addBytes('size', String(size))
  if (uid >= OCTAL_7) records.addBytes('uid', String(uid))
}

function fits(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is what ASCII is
  return name.length <= NAME_BYTES && /^[\x01-\x7e]*$/.test(name)
}

/** Gathers what is written into large pieces. */
class Writer {
  private buffer = Buffer.alloc(BUFFER)
  private filled = 0
  private written = 0

  constructor(
    private readonly fd: number,
    private readonly ready: (upTo: number) => void,
  ) {}

  /** A place for so many bytes, which holds zeros. */
  room(count: number): Buffer {
    if (this.filled + count > this.buffer.length) this.flush()
    if (count > this.buffer.length) this.buffer = Buffer.alloc(count)
    const place = this.buffer.subarray(this.filled, this.filled + count).fill(0)
    this.filled += count
    return place
  }

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.filled === this.buffer.length) this.flush()
      const part = bytes.subarray(at, at + this.buffer.length - this.filled)
      this.buffer.set(part, this.filled)
      this.filled += part.length
      at += part.length
    }
  }

  end(): number {
    this.flush()
    return this.written
  }

  private flush(): void {
    for (let at = 0; at < this.filled; )
      at += writeSync(this.fd, this.buffer, at, this.filled - at, this.written + at)
    this.written += this.filled
    this.filled = 0
    this.ready(this.written)
  }
}

function otherSize(label: string, path: string): ContainerImageError {
  return new ContainerImageError(
    'CHANGED_MEANWHILE',
    `${show(path)} in ${label} was changed while it was read.`,
    {
      side: 'source',
      expected: 'as many bytes as when it was listed',
      found: 'more or fewer',
      remedy: 'Stop what writes to it, then run the command again.',
    },
  )
}
