import { ContainerImageError, impossible, show } from '../../../manifests/index.js'
import type { Cursor } from './cursor.js'
import { exactText } from './exact-text.js'
import type { Member } from './members.js'
import { paxRecords } from './pax-records.js'
import { BLOCK, isZeroBlock, OCTAL_LIMIT, padded, parseTarHeader, type TarHeader } from './tar-header.js'

/** One member of a tar, with the place of its bytes. */
export interface TarEntry {
  /** As the tar spells it, in `exactText`, as is the target. */
  rawName: string
  kind: Member['kind']
  size: number
  /** How many bytes of it are in the tar; for an old-style sparse file that is not the size of the file. */
  stored: number
  target?: string
  /** Where its bytes begin, from the start of the tar. */
  offset: number
  /** In seconds since 1970. */
  mtime: number
  /** Whether its bytes are a map of holes and what is between them, and not the file itself. */
  isSparse: boolean
  header: TarHeader
  /** All pax records of its own; their values are bytes. */
  records?: ReadonlyMap<string, Buffer>
}

/** Long names and pax records are small; more would be an attack on memory. */
const EXTENSION_LIMIT = 1024 * 1024

export interface TarEntriesOptions {
  /** The padding of the last block may be missing: engines accept that in a layer. */
  mayEndUnfilled?: boolean
}

/**
 * Walks through a tar, header by header. Between two entries the consumer may take the entry's bytes from
 * the cursor; what it leaves is skipped.
 * @returns whether the tar ended with its end mark, a block of zeros
 * @throws ARCHIVE_INVALID where the tar is cut short or damaged, and where its two fields for a size disagree
 * (the class of CVE-2025-62518)
 */
export async function* tarEntries(
  cursor: Cursor,
  archive: string,
  { mayEndUnfilled = false }: TarEntriesOptions = {},
): AsyncGenerator<TarEntry, boolean> {
  let pending: Extensions = {}
  for (;;) {
    const block = await cursor.take(BLOCK)
    if (block.length === 0 || isZeroBlock(block)) {
      if (Object.keys(pending).length > 0) throw invalid(archive, cursor.position, 'a member', 'the end')
      await refuseMembersBehindEnd(cursor, block, archive)
      return block.length > 0
    }
    const header = parseTarHeader(block)
    if (!header)
      throw invalid(archive, cursor.position - block.length, 'the header of a member', 'other bytes')
    if (isExtension(header.type)) {
      const more = await readExtension(cursor, header, archive)
      pending = withExtensions(pending, more, cursor.position, archive)
      continue
    }
    if (header.type === GNU_SPARSE) await skipSparseMap(cursor, block, archive)
    const entry = entryOf(header, pending, cursor.position, archive)
    pending = {}
    yield entry
    await moveTo(cursor, entry.offset + entry.stored, archive)
    if (await cursor.skip(padded(entry.stored) - entry.stored)) continue
    if (mayEndUnfilled) return false
    throw invalid(archive, cursor.position, 'the rest of a block', 'the end of the file')
  }
}

/** One block of zeros is an end for some readers; for Go's, which the engines use, it takes two. */
async function refuseMembersBehindEnd(cursor: Cursor, block: Uint8Array, archive: string): Promise<void> {
  if (block.length === 0) return
  const second = await cursor.take(BLOCK)
  if (!isZeroBlock(second))
    throw invalid(archive, cursor.position - BLOCK, 'the end of the tar', 'other bytes')
}

const GNU_SPARSE = 'S'

/** GNU's old sparse files have the rest of a long map in blocks behind the header, before the bytes. */
async function skipSparseMap(cursor: Cursor, header: Uint8Array, archive: string): Promise<void> {
  let isExtended = header[482] !== 0
  while (isExtended) {
    const map = await cursor.take(BLOCK)
    if (map.length !== BLOCK) throw invalid(archive, cursor.position, 'the map of a sparse file', 'the end')
    isExtended = map[504] !== 0
  }
}

interface Extensions {
  path?: string
  linkPath?: string
  size?: number
  isSparse?: true
  isPax?: true
  records?: ReadonlyMap<string, Buffer>
}

/** If a name or size is given twice, two readers may take different ones. */
function withExtensions(known: Extensions, more: Extensions, position: number, archive: string): Extensions {
  for (const key of Object.keys(more))
    if (key in known) throw invalid(archive, position, 'one name and size for a member', `two: ${key}`)
  return { ...known, ...more }
}

function isExtension(type: string): boolean {
  return type === 'x' || type === 'g' || type === 'L' || type === 'K'
}

async function readExtension(cursor: Cursor, header: TarHeader, archive: string): Promise<Extensions> {
  if (header.size > EXTENSION_LIMIT)
    throw invalid(
      archive,
      cursor.position,
      `at most ${EXTENSION_LIMIT} bytes of names`,
      `${header.size} bytes`,
    )
  const start = cursor.position
  const bytes = Buffer.from(await cursor.take(header.size))
  if (bytes.length !== header.size)
    throw invalid(archive, start, `${header.size} bytes`, `${bytes.length} bytes`)
  await moveTo(cursor, start + padded(header.size), archive)
  if (header.type === 'L') return { path: untilNul(bytes) }
  if (header.type === 'K') return { linkPath: untilNul(bytes) }
  const records = parsePax(bytes, archive, start)
  // A global header sets no names or sizes in any archive that we know; one that does is refused.
  if (header.type === 'g') {
    if (Object.keys(records).length > 0)
      throw invalid(archive, start, 'no names or sizes for all members', 'some')
    return {}
  }
  return { ...records, records: paxRecords(bytes), isPax: true }
}

function untilNul(bytes: Buffer): string {
  const nul = bytes.indexOf(0)
  return exactText(bytes.subarray(0, nul < 0 ? bytes.length : nul))
}

/**
 * The records whose values are text to all readers (archive/tar of Go, validPAXRecord); names are checked
 * later.
 */
const TEXTS = new Set(['linkpath', 'uname', 'gname'])

/** pax records: `<length> <key>=<value>\n`, the length counting all of it. */
function parsePax(bytes: Buffer, archive: string, position: number): Extensions {
  let found: Extensions = {}
  let at = 0
  while (at < bytes.length) {
    const blank = bytes.indexOf(0x20, at)
    const length = decimal(bytes.toString('latin1', at, Math.max(at, blank)))
    const record = bytes.subarray(blank + 1, at + length - 1)
    const equals = record.indexOf(0x3d)
    if (equals <= 0 || at + length > bytes.length || bytes[at + length - 1] !== 0x0a)
      throw invalid(archive, position + at, 'a pax record', 'other bytes')
    const key = record.toString('utf8', 0, equals)
    // Go takes no such header, and others end the name there.
    if (record.subarray(0, TEXTS.has(key) ? record.length : equals).includes(0))
      throw invalid(archive, position + at, 'a pax record without NUL', `one with it: ${show(key)}`)
    const value = exactText(record.subarray(equals + 1))
    const said = extensionOf(key, value, archive, position + at)
    found = withExtensions(found, said, position + at, archive)
    if (key.startsWith('GNU.sparse.')) found.isSparse = true
    at += length
  }
  return found
}

/** What a record says of the member; nothing for times, owners and the like. */
function extensionOf(key: string, value: string, archive: string, position: number): Extensions {
  switch (key) {
    case 'path':
    case 'linkpath':
      // For some readers an empty value takes the header's name back, for others it is the name.
      if (value === '') throw invalid(archive, position, 'a name', 'none')
      return key === 'path' ? { path: value } : { linkPath: value }
    case 'size':
      return { size: paxSize(value, archive, position) }
    default:
      return {}
  }
}

function paxSize(value: string, archive: string, position: number): number {
  const size = decimal(value)
  if (!Number.isSafeInteger(size)) throw invalid(archive, position, 'a size', show(value))
  return size
}

/** NaN for what is not decimal digits alone. */
function decimal(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.NaN
}

const KINDS: Record<string, Member['kind']> = {
  '0': 'file',
  '7': 'file',
  '5': 'folder',
  '2': 'link',
  '1': 'hard-link',
  '3': 'other',
  '4': 'other',
  '6': 'other',
  [GNU_SPARSE]: 'file',
}

/**
 * What GNU tar writes for backups (its manual, "Standard": extensions); nothing else reads it as part of a
 * file system.
 */
const OF_GNU: Record<string, { what: string; remedy: string }> = {
  V: { what: 'a volume label of GNU tar', remedy: 'Make the tar again without `-V` (`--label`).' },
  D: {
    what: 'the listing of a folder, of an incremental backup of GNU tar',
    remedy: 'Make the tar again without `-G` and `-g` (`--listed-incremental`).',
  },
  M: {
    what: 'the rest of a file of another volume, of a tar in several volumes',
    remedy: 'Make the tar again as one file, without `-M` (`--multi-volume`).',
  },
}

/** @param position where its header is */
function notOfImages(archive: string, position: number, found: string, remedy: string): ContainerImageError {
  return new ContainerImageError('ARCHIVE_INVALID', `${archive} is a backup, not a plain tar of files.`, {
    side: 'source',
    expected: 'files, folders, links and devices',
    found,
    remedy,
    details: { position },
  })
}

function entryOf(header: TarHeader, extensions: Extensions, offset: number, archive: string): TarEntry {
  const kind = KINDS[header.type]
  const name = extensions.path ?? header.name
  const ofGnu = OF_GNU[header.type]
  if (ofGnu) throw notOfImages(archive, offset - BLOCK, `${ofGnu.what}: ${show(name)}`, ofGnu.remedy)
  if (!kind)
    throw invalid(
      archive,
      offset - BLOCK,
      'a file, folder, link or device',
      `type ${show(header.type)} of ${show(name)}`,
    )
  const size = agreedSize(header, extensions, offset, archive)
  // Readers disagree whether bytes follow that belong to no file.
  if (kind !== 'file' && size > 0)
    throw invalid(archive, offset - BLOCK, `no bytes in a ${kind}`, `${size} bytes in ${show(name)}`)
  const isLink = kind === 'link' || kind === 'hard-link'
  const isOldSparse = header.type === GNU_SPARSE
  return {
    rawName: name,
    // A name that ends in a slash is a folder in the old format.
    kind: kind === 'file' && name.endsWith('/') && size === 0 ? 'folder' : kind,
    size: isOldSparse ? 0 : size,
    stored: size,
    target: isLink ? (extensions.linkPath ?? header.linkName) : undefined,
    offset,
    mtime: header.mtime,
    isSparse: isOldSparse || extensions.isSparse === true,
    header,
    records: extensions.records,
  }
}

/** The one size of a member. A header leaves its own at 0 only where it cannot hold what pax says. */
function agreedSize(header: TarHeader, extensions: Extensions, offset: number, archive: string): number {
  const { size } = extensions
  if (size === undefined || size === header.size) return header.size
  if (header.size !== 0 || size < OCTAL_LIMIT)
    throw invalid(archive, offset - BLOCK, `one size for a member`, `${header.size} and ${size} bytes`)
  return size
}

async function moveTo(cursor: Cursor, position: number, archive: string): Promise<void> {
  if (cursor.position > position) impossible('The consumer took more than the entry has.')
  if (!(await cursor.skip(position - cursor.position)))
    throw invalid(archive, cursor.position, `${position} bytes`, 'the end of the file')
}

function invalid(archive: string, position: number, expected: string, found: string): ContainerImageError {
  return new ContainerImageError(
    'ARCHIVE_INVALID',
    `${archive} is damaged or cut short, at byte ${position}.`,
    {
      side: 'source',
      expected,
      found,
      details: { position },
    },
  )
}
