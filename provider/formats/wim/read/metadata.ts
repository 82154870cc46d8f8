import { addTo, groupedBy } from '../../../../manifests/groups.js'
import { damaged, type Place } from './damage.js'
import { ATTRIBUTE_REPARSE_POINT, type NamedStream, WimEntry } from './entry.js'
import { isZero, numberOf64Bits } from './resource-header.js'
import { parseSecurityData } from './security-data.js'
import { Turns } from './turns.js'
import { ntfsUpcase } from './upcase.js'

/** The tree of one image. */
export interface WimTree {
  readonly root: WimEntry
  /** All entries but the root. */
  readonly count: number
  readonly securityDescriptors: readonly Buffer[]
  /** The names of each file that has several, by link group. */
  readonly linkGroups: ReadonlyMap<bigint, readonly WimEntry[]>
  /** Whether wimlib captured it with owners and modes: then it is a tree of Linux, and has that system's names. */
  readonly isUnix: boolean
}

export interface TreeOptions {
  signal?: AbortSignal
  /** Refuses names in one directory that differ only in case, as Windows would treat them as the same. */
  refuseCaseCollisions?: boolean
}

const FIXED = 0x66
const STREAM_FIXED = 0x26
const MAX_DEPTH = 16384

/**
 * Reads the directory tree of a metadata resource. ARCHIVE_INVALID where it breaks the format, UNSAFE_NAME
 * where a name could lead out of its directory or hide another; both name the entry and its offset.
 */
export async function parseTree(metadata: Buffer, place: Place, options: TreeOptions = {}): Promise<WimTree> {
  const security = parseSecurityData(metadata, place)
  const walk = new TreeWalk(metadata, place, security.descriptors, options)
  const root = walk.readRoot(security.end)
  await walk.readAll(root)
  const isUnix = walk.isUnix(root)
  if (!isUnix) walk.refuseBackslashes()
  return {
    root,
    count: walk.count,
    securityDescriptors: security.descriptors,
    linkGroups: walk.linkGroups(),
    isUnix,
  }
}

/** All entries below one, directories before what is in them, in the order of the WIM. */
export function* walkTree(entry: WimEntry): Generator<WimEntry, void, undefined> {
  const open: Iterator<WimEntry>[] = [(entry.children ?? [])[Symbol.iterator]()]
  for (let top = open.at(-1); top; top = open.at(-1)) {
    const next = top.next()
    if (next.done) open.pop()
    else {
      yield next.value
      if (next.value.children) open.push(next.value.children[Symbol.iterator]())
    }
  }
}

class TreeWalk {
  count = 0
  /** Entries and streams that were read: what takes the time. */
  private work = 0
  /** How many entries have an owner and mode, and how many, not counting folders, have none. */
  private owned = 0
  private unowned = 0
  private readonly backslashes: WimEntry[] = []
  private readonly pending: { directory: WimEntry; at: number; depth: number }[] = []
  private readonly listsAt = new Set<number>()
  private readonly oneByte = Buffer.alloc(0x8000)
  private readonly groups = new Map<bigint, WimEntry[]>()

  constructor(
    private readonly metadata: Buffer,
    private readonly place: Place,
    private readonly descriptors: readonly Buffer[],
    private readonly options: TreeOptions,
  ) {}

  readRoot(at: number): WimEntry {
    const read = this.readEntry(at, undefined)
    if (!read) throw this.wrong(at, 'there is no root directory')
    if (!read.entry.isDirectory) throw this.wrong(at, 'the root is not a directory')
    this.open(read.entry, 0)
    return read.entry
  }

  async readAll(root: WimEntry): Promise<void> {
    root.children ??= []
    const turns = new Turns(this.options.signal)
    for (let next = this.pending.pop(); next; next = this.pending.pop())
      await this.readChildren(next.directory, next.at, next.depth, turns)
  }

  /**
   * A tree that wimlib put together from a list of sources has folders that were on no disk, and have no
   * owner. Everything else in it has one, unlike in a Windows tree to which a few Linux files were added.
   */
  isUnix(root: WimEntry): boolean {
    return root.unix !== undefined || (this.owned > 0 && this.unowned === 0)
  }

  /** To Windows a backslash separates folders; to Linux it is a character like others, and systemd uses it. */
  refuseBackslashes(): void {
    const [first] = this.backslashes
    if (first) throw this.wrong(first.offset, 'its name has a backslash in it', first.path, 'UNSAFE_NAME')
  }

  /**
   * The groups as they are to be read. The WIMs of Windows 7 give files with different contents one group (a
   * bug in the program that made them): such a group is divided by content, as DISM and wimlib do.
   */
  linkGroups(): Map<bigint, WimEntry[]> {
    const found = new Map<bigint, WimEntry[]>()
    // No WIM has groups below zero.
    let made = 0n
    for (const [group, entries] of this.groups) {
      const [first = [], ...others] = entries.length === 1 ? [entries] : byContent(entries)
      if (first.length > 1) found.set(group, first)
      else if (others.length > 0) for (const entry of first) entry.linkGroup = 0n
      for (const one of others) {
        const own = one.length > 1 ? --made : 0n
        for (const entry of one) entry.linkGroup = own
        if (one.length > 1) found.set(own, one)
      }
    }
    return found
  }

  private async readChildren(directory: WimEntry, from: number, depth: number, turns: Turns): Promise<void> {
    if (depth > MAX_DEPTH)
      throw this.wrong(from, `directories are nested more than ${MAX_DEPTH} deep`, directory.path)
    const children: WimEntry[] = []
    const names = new Set<string>()
    directory.children = children
    for (let at = from; ; ) {
      const read = this.readEntry(at, directory)
      if (!read) break
      const { entry } = read
      this.checkName(entry, names)
      children.push(entry)
      if (entry.isDirectory) this.open(entry, depth)
      else this.group(entry)
      if (entry.unix) this.owned++
      else if (!entry.isDirectory) this.unowned++
      at = read.end
      if (turns.isOver(this.work)) await turns.pass()
    }
  }

  /** Remembers a directory whose children are still to be read; each list of children has one directory. */
  private open(directory: WimEntry, depth: number): void {
    const at = directory.listAt
    directory.children = []
    if (at === 0) return
    if (at % 8 !== 0 || !(at + 8 <= this.metadata.length))
      throw this.wrong(directory.offset, `its children should stand at ${at}, outside`, directory.path)
    if (this.listsAt.has(at))
      throw this.wrong(
        directory.offset,
        `its children at ${at} are those of another directory`,
        directory.path,
      )
    this.listsAt.add(at)
    this.pending.push({ directory, at, depth: depth + 1 })
  }

  private group(entry: WimEntry): void {
    const group = entry.linkGroup
    if (group === 0n) return
    addTo(this.groups, group, entry)
  }

  private checkName(entry: WimEntry, names: Set<string>): void {
    const { name } = entry
    const unsafe = (what: string) => this.wrong(entry.offset, what, entry.path, 'UNSAFE_NAME')
    if (name === '') throw unsafe('it has no name')
    if (name === '.' || name === '..') throw unsafe(`its name is ${name}`)
    if (/[\0/]/.test(name)) throw unsafe('its name has a slash or a NUL in it')
    if (name.includes('\\')) this.backslashes.push(entry)
    if (names.has(name)) throw unsafe('two entries of the directory have this name')
    names.add(name)
    if (this.options.refuseCaseCollisions) {
      const folded = `\0${ntfsUpcase(name)}`
      if (names.has(folded)) throw unsafe('another entry has this name but for upper and lower case')
      names.add(folded)
    }
  }

  /** One entry with its streams, and where the next one stands; undefined at the end of a directory. */
  private readEntry(at: number, parent: WimEntry | undefined): { entry: WimEntry; end: number } | undefined {
    const { metadata } = this
    this.work++
    if (at + 8 > metadata.length) throw this.wrong(at, 'the metadata ends inside a directory', parent?.path)
    const size = numberOf64Bits(metadata, at)
    if (size === 0 || (size === 8 && parent)) return undefined
    if (size < FIXED || size % 8 !== 0 || !(at + size <= metadata.length))
      throw this.wrong(at, `an entry says it has ${size} bytes`, parent?.path)
    // If entries could overlap, there could be more of them than there are bytes.
    if (parent && ++this.count * FIXED > metadata.length)
      throw this.wrong(at, 'the directories overlap', parent.path)
    const shortSize = metadata.readUInt16LE(at + 0x62)
    const nameSize = metadata.readUInt16LE(at + 0x64)
    const names = FIXED + (nameSize > 0 ? nameSize + 2 : 0) + (shortSize > 0 ? shortSize + 2 : 0)
    // The last NUL may be left out where the entry ends with the name.
    if (names - 2 > size || FIXED + nameSize + shortSize > size || nameSize % 2 !== 0 || shortSize % 2 !== 0)
      throw this.wrong(
        at,
        `an entry of ${size} bytes has names of ${nameSize} and ${shortSize}`,
        parent?.path,
      )
    const name = parent ? this.nameAt(at + FIXED, nameSize) : ''
    const entry = new WimEntry(name, parent, metadata, at, this.descriptors)
    const descriptor = metadata.readInt32LE(at + 0x0c)
    if (descriptor !== -1 && !this.descriptors[descriptor])
      throw this.wrong(
        at,
        `it has security descriptor ${descriptor} of ${this.descriptors.length}`,
        entry.path,
      )
    const end = this.readStreams(entry, at + size)
    return { entry, end }
  }

  /**
   * Most names have only characters that take one byte in memory, unless they are read as if they took two.
   */
  private nameAt(at: number, size: number): string {
    const { metadata, oneByte } = this
    for (let i = 0; i < size; i += 2) {
      if (metadata[at + i + 1] !== 0) return metadata.toString('utf16le', at, at + size)
      oneByte[i >> 1] = metadata[at + i] ?? 0
    }
    return oneByte.toString('latin1', 0, size >> 1)
  }

  /** Sorts the hashes that an entry has into content, reparse buffer and named streams. */
  private readStreams(entry: WimEntry, from: number): number {
    const { metadata } = this
    const main = this.placeOfHash(entry.offset + 0x40)
    const unnamed: number[] = []
    const named: NamedStream[] = []
    const names = new Set<string>()
    let at = from
    for (let left = metadata.readUInt16LE(entry.offset + 0x60); left > 0; left--) {
      if (at + STREAM_FIXED > metadata.length)
        throw this.wrong(at, 'the metadata ends inside a stream', entry.path)
      const size = numberOf64Bits(metadata, at)
      const nameSize = metadata.readUInt16LE(at + 0x24)
      if (
        size % 8 !== 0 ||
        !(at + size <= metadata.length) ||
        STREAM_FIXED + nameSize > size ||
        nameSize % 2 !== 0
      )
        throw this.wrong(at, `a stream says it has ${size} bytes and a name of ${nameSize}`, entry.path)
      const hashAt = this.placeOfHash(at + 0x10)
      if (nameSize === 0) unnamed.push(hashAt)
      else
        named.push({
          name: this.streamName(entry, at, nameSize, names),
          sha1: hashAt === 0 ? undefined : metadata.toString('hex', hashAt, hashAt + 20),
        })
      at += size
      this.work++
    }
    if (named.length > 0) entry.namedStreams = named
    // If there are extra streams, a hash in the entry itself is the unnamed stream; a zero hash means
    // nothing.
    if (main !== 0 || unnamed.length === 0) unnamed.unshift(main)
    const contents = unnamed.filter((hashAt) => hashAt !== 0)
    if ((entry.attributes & ATTRIBUTE_REPARSE_POINT) !== 0) {
      const [reparse = 0, content = 0, ...others] = contents
      if (others.length > 0)
        throw this.wrong(entry.offset, 'it has more than two unnamed streams', entry.path)
      entry.hashesAt(content, reparse)
    } else {
      if (contents.length > 1) throw this.wrong(entry.offset, 'it has two unnamed streams', entry.path)
      // What EFS keeps of an encrypted folder ([MS-EFSR] 2.2.3) stands where a file has its content.
      if (contents.length > 0 && entry.isDirectory && !entry.isEncrypted)
        throw this.wrong(entry.offset, 'it is a directory, but has content', entry.path)
      entry.hashesAt(contents[0] ?? 0, 0)
    }
    return at
  }

  private streamName(entry: WimEntry, at: number, size: number, others: Set<string>): string {
    const name = this.metadata.toString('utf16le', at + STREAM_FIXED, at + STREAM_FIXED + size)
    const unsafe = (what: string) => this.wrong(at, what, `${entry.path}:${name}`, 'UNSAFE_NAME')
    if (/[\0/\\:]/.test(name))
      throw unsafe('the stream’s name has a colon, a slash, a backslash or a NUL in it')
    const folded = ntfsUpcase(name)
    if (others.has(folded)) throw unsafe('two streams of the file have this name')
    others.add(folded)
    return name
  }

  /** The place itself; 0 where zeros stand there instead of a hash. */
  private placeOfHash(at: number): number {
    return isZero(this.metadata, at, at + 20) ? 0 : at
  }

  private wrong(offset: number, what: string, path?: string, code?: 'UNSAFE_NAME') {
    const named = path === undefined ? what : `${path}: ${what}`
    return damaged({ ...this.place, offset }, named, path === undefined ? {} : { details: { path } }, code)
  }
}

/** Names of one group by what they have in all their streams, in the order of their first names. */
function byContent(entries: readonly WimEntry[]): WimEntry[][] {
  const streamsOf = ({ namedStreams }: WimEntry): string[] =>
    namedStreams.map(({ name, sha1 }) => `${name}:${sha1 ?? ''}`).sort()
  return [...groupedBy(entries, (entry) => [entry.sha1 ?? '', ...streamsOf(entry)].join('/')).values()]
}
