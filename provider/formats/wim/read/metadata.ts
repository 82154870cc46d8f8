import { damaged, type Place } from './damage.js'
import { ATTRIBUTE_DIRECTORY, ATTRIBUTE_REPARSE_POINT, type NamedStream, WimEntry } from './entry.js'
import { parseSecurityData } from './security-data.js'
import { Turns } from './turns.js'

/** The tree of one image. */
export interface WimTree {
  readonly root: WimEntry
  /** All entries but the root. */
  readonly count: number
  readonly securityDescriptors: readonly Buffer[]
  /** The names of each file that has several, by link group. */
  readonly linkGroups: ReadonlyMap<bigint, readonly WimEntry[]>
}

export interface TreeOptions {
  /** Refuses names of one directory that differ only in case, as Windows would take them for the same. */
  refuseCaseCollisions?: boolean
}

const FIXED = 0x66
const STREAM_FIXED = 0x26
const NO_HASH = Buffer.alloc(20)
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
  return {
    root,
    count: walk.count,
    securityDescriptors: security.descriptors,
    linkGroups: walk.linkGroups(),
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
  private readonly pending: { directory: WimEntry; at: number; depth: number }[] = []
  private readonly listsAt = new Set<number>()
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
    if (!read.entry.isDirectory) throw this.wrong(at, 'the root is no directory')
    this.open(read.entry, 0)
    return read.entry
  }

  async readAll(root: WimEntry): Promise<void> {
    root.children ??= []
    const turns = new Turns()
    for (let next = this.pending.pop(); next; next = this.pending.pop()) {
      this.readChildren(next.directory, next.at, next.depth)
      if (turns.isOver(this.count)) await turns.pass()
    }
  }

  linkGroups(): Map<bigint, WimEntry[]> {
    for (const [group, entries] of this.groups) {
      if (entries.length === 1) this.groups.delete(group)
      else this.checkAgreement(entries)
    }
    return this.groups
  }

  /** Names of one file must have one content; programs differ in what they make of it otherwise. */
  private checkAgreement(entries: readonly WimEntry[]): void {
    const [first, ...others] = entries
    for (const other of others)
      if (first && (first.sha1 !== other.sha1 || !sameStreams(first.namedStreams, other.namedStreams)))
        throw this.wrong(
          other.offset,
          `it is a hard link to ${first.path}, but has another content`,
          other.path,
        )
  }

  private readChildren(directory: WimEntry, from: number, depth: number): void {
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
      at = read.end
    }
  }

  /** Remembers a directory whose children are still to be read; each list of children has one directory. */
  private open(directory: WimEntry, depth: number): void {
    const at = Number(this.metadata.readBigUInt64LE(directory.offset + 0x10))
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
    const others = this.groups.get(group)
    if (others) others.push(entry)
    else this.groups.set(group, [entry])
  }

  private checkName(entry: WimEntry, names: Set<string>): void {
    const { name } = entry
    const unsafe = (what: string) => this.wrong(entry.offset, what, entry.path, 'UNSAFE_NAME')
    if (name === '') throw unsafe('it has no name')
    if (name === '.' || name === '..') throw unsafe(`its name is ${name}`)
    if (/[\0/\\]/.test(name)) throw unsafe('its name has a slash, a backslash or a NUL in it')
    if (names.has(name)) throw unsafe('two entries of the directory have this name')
    names.add(name)
    if (this.options.refuseCaseCollisions) {
      const folded = `\0${fold(name)}`
      if (names.has(folded)) throw unsafe('another entry has this name but for upper and lower case')
      names.add(folded)
    }
  }

  /** One entry with its streams, and where the next one stands; undefined at the end of a directory. */
  private readEntry(at: number, parent: WimEntry | undefined): { entry: WimEntry; end: number } | undefined {
    const { metadata } = this
    if (at + 8 > metadata.length) throw this.wrong(at, 'the metadata ends inside a directory', parent?.path)
    const size = Number(metadata.readBigUInt64LE(at))
    if (size === 0 || (size === 8 && parent)) return undefined
    if (size < FIXED || size % 8 !== 0 || !(at + size <= metadata.length))
      throw this.wrong(at, `an entry says it has ${size} bytes`, parent?.path)
    // Entries that overlap could be read in more ways than there are bytes.
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
    const name = parent ? metadata.toString('utf16le', at + FIXED, at + FIXED + nameSize) : ''
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

  /** Sorts the hashes that an entry has into content, reparse buffer and named streams. */
  private readStreams(entry: WimEntry, from: number): number {
    const { metadata } = this
    const main = this.hashAt(entry.offset + 0x40)
    const unnamed: (string | undefined)[] = []
    const named: NamedStream[] = []
    let at = from
    for (let left = metadata.readUInt16LE(entry.offset + 0x60); left > 0; left--) {
      if (at + STREAM_FIXED > metadata.length)
        throw this.wrong(at, 'the metadata ends inside a stream', entry.path)
      const size = Number(metadata.readBigUInt64LE(at))
      const nameSize = metadata.readUInt16LE(at + 0x24)
      if (
        size % 8 !== 0 ||
        !(at + size <= metadata.length) ||
        STREAM_FIXED + nameSize > size ||
        nameSize % 2 !== 0
      )
        throw this.wrong(at, `a stream says it has ${size} bytes and a name of ${nameSize}`, entry.path)
      const sha1 = this.hashAt(at + 0x10)
      if (nameSize === 0) unnamed.push(sha1)
      else named.push({ name: this.streamName(entry, at, nameSize, named), sha1 })
      at += size
    }
    if (named.length > 0) entry.namedStreams = named
    // A hash in the entry itself beside extra ones is the unnamed stream; a zero one stands for nothing.
    if (main !== undefined || unnamed.length === 0) unnamed.unshift(main)
    if ((entry.attributes & ATTRIBUTE_REPARSE_POINT) !== 0) {
      entry.reparseSha1 = unnamed.find((sha1) => sha1 !== undefined)
      const rest = unnamed.filter((sha1) => sha1 !== undefined).slice(1)
      if (rest.length > 1) throw this.wrong(entry.offset, 'it has more than two unnamed streams', entry.path)
      entry.sha1 = rest[0]
    } else {
      const contents = unnamed.filter((sha1) => sha1 !== undefined)
      if (contents.length > 1) throw this.wrong(entry.offset, 'it has two unnamed streams', entry.path)
      if (contents.length > 0 && (entry.attributes & ATTRIBUTE_DIRECTORY) !== 0)
        throw this.wrong(entry.offset, 'it is a directory, but has content', entry.path)
      entry.sha1 = contents[0]
    }
    return at
  }

  private streamName(entry: WimEntry, at: number, size: number, others: NamedStream[]): string {
    const name = this.metadata.toString('utf16le', at + STREAM_FIXED, at + STREAM_FIXED + size)
    const unsafe = (what: string) => this.wrong(at, what, `${entry.path}:${name}`, 'UNSAFE_NAME')
    if (/[\0/\\:]/.test(name))
      throw unsafe('the stream’s name has a colon, a slash, a backslash or a NUL in it')
    const folded = fold(name)
    if (others.some((one) => fold(one.name) === folded))
      throw unsafe('two streams of the file have this name')
    return name
  }

  private hashAt(at: number): string | undefined {
    if (this.metadata.compare(NO_HASH, 0, 20, at, at + 20) === 0) return undefined
    return this.metadata.toString('hex', at, at + 20)
  }

  private wrong(offset: number, what: string, path?: string, code?: 'UNSAFE_NAME') {
    const named = path === undefined ? what : `${path}: ${what}`
    return damaged({ ...this.place, offset }, named, path === undefined ? {} : { details: { path } }, code)
  }
}

function sameStreams(a: readonly NamedStream[], b: readonly NamedStream[]): boolean {
  return (
    a.length === b.length && a.every((one) => b.some((two) => one.name === two.name && one.sha1 === two.sha1))
  )
}

/** As NTFS compares names: one UTF-16 unit at a time, so that nothing grows or shrinks. */
export function fold(name: string): string {
  const upper = name.toUpperCase()
  if (upper.length === name.length) return upper
  return Array.from({ length: name.length }, (_, i) => {
    const one = name.charAt(i)
    return one.toUpperCase().length === 1 ? one.toUpperCase() : one
  }).join('')
}
