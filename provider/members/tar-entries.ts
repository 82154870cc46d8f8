import { ContainerImageError, show } from '../../manifests/index.js'
import type { Cursor } from './cursor.js'
import type { Member } from './members.js'
import { paxRecords } from './pax-records.js'
import { BLOCK, isZeroBlock, padded, parseTarHeader, type TarHeader } from './tar-header.js'

/** One member of a tar, with the place of its bytes. */
export interface TarEntry {
  /** As the tar spells it. */
  rawName: string
  kind: Member['kind']
  size: number
  target?: string
  /** Where its bytes begin, from the start of the tar. */
  offset: number
  /** In seconds since 1970. */
  mtime: number
  header: TarHeader
  /** All pax records of its own; their values are bytes. */
  records?: ReadonlyMap<string, Buffer>
}

/** Long names and pax records are small; more would be an attack on memory. */
const EXTENSION_LIMIT = 1024 * 1024

/**
 * Walks through a tar, header by header. Between two entries the consumer may take the entry's bytes from
 * the cursor; what it leaves is skipped.
 * @returns whether the tar ended with its end mark, a block of zeros
 * @throws ARCHIVE_INVALID where the tar is cut short or damaged, and where its two ways to say a size
 * disagree (the class of CVE-2025-62518)
 */
export async function* tarEntries(cursor: Cursor, archive: string): AsyncGenerator<TarEntry, boolean> {
  let pending: Extensions = {}
  for (;;) {
    const block = await cursor.take(BLOCK)
    if (block.length === 0 || isZeroBlock(block)) {
      if (Object.keys(pending).length > 0) throw invalid(archive, cursor.position, 'a member', 'the end')
      return block.length > 0
    }
    const header = parseTarHeader(block)
    if (!header) throw invalid(archive, cursor.position - BLOCK, 'the header of a member', 'other bytes')
    if (isExtension(header.type)) {
      pending = { ...pending, ...(await readExtension(cursor, header, archive)) }
      continue
    }
    const entry = entryOf(header, pending, cursor.position, archive)
    pending = {}
    yield entry
    await moveTo(cursor, entry.offset + padded(entry.size), archive, entry.size === 0)
  }
}

interface Extensions {
  path?: string
  linkPath?: string
  size?: number
  records?: ReadonlyMap<string, Buffer>
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
  await moveTo(cursor, start + padded(header.size), archive, false)
  if (header.type === 'L') return { path: untilNul(bytes) }
  if (header.type === 'K') return { linkPath: untilNul(bytes) }
  const records = parsePax(bytes, archive, start)
  // A global header sets no names or sizes in any archive that we know; one that does is refused.
  if (header.type === 'g') {
    if (Object.keys(records).length > 0)
      throw invalid(archive, start, 'no names or sizes for all members', 'some')
    return {}
  }
  return { ...records, records: paxRecords(bytes) }
}

function untilNul(bytes: Buffer): string {
  const nul = bytes.indexOf(0)
  return bytes.subarray(0, nul < 0 ? bytes.length : nul).toString('utf8')
}

/** pax records: `<length> <key>=<value>\n`, the length counting all of it. */
function parsePax(bytes: Buffer, archive: string, position: number): Extensions {
  const found: Extensions = {}
  let at = 0
  while (at < bytes.length && bytes[at] !== 0) {
    const blank = bytes.indexOf(0x20, at)
    const length = Number(bytes.toString('latin1', at, blank))
    const record = bytes.subarray(blank + 1, at + length - 1)
    const equals = record.indexOf(0x3d)
    const wellFormed = blank > at && Number.isSafeInteger(length) && at + length <= bytes.length && equals > 0
    if (!wellFormed || bytes[at + length - 1] !== 0x0a)
      throw invalid(archive, position + at, 'a pax record', 'other bytes')
    const key = record.toString('utf8', 0, equals)
    const value = record.toString('utf8', equals + 1)
    if (key === 'path') found.path = value
    if (key === 'linkpath') found.linkPath = value
    if (key === 'size') found.size = paxSize(value, archive, position + at)
    at += length
  }
  return found
}

function paxSize(value: string, archive: string, position: number): number {
  const size = /^\d+$/.test(value) ? Number(value) : Number.NaN
  if (!Number.isSafeInteger(size)) throw invalid(archive, position, 'a size', show(value))
  return size
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
}

function entryOf(header: TarHeader, extensions: Extensions, offset: number, archive: string): TarEntry {
  const kind = KINDS[header.type]
  const name = extensions.path ?? header.name
  if (!kind)
    throw invalid(
      archive,
      offset - BLOCK,
      'a file, folder, link or device',
      `type ${show(header.type)} of ${show(name)}`,
    )
  const size = agreedSize(header, extensions, offset, archive)
  const isLink = kind === 'link' || kind === 'hard-link'
  return {
    rawName: name,
    // A name that ends in a slash is a folder in the old format.
    kind: kind === 'file' && name.endsWith('/') && size === 0 ? 'folder' : kind,
    size: kind === 'file' ? size : 0,
    ...(isLink ? { target: extensions.linkPath ?? header.linkName } : {}),
    offset,
    mtime: header.mtime,
    header,
    ...(extensions.records ? { records: extensions.records } : {}),
  }
}

/** The one size of a member. A header may leave its own at 0, or overflow, only where a pax record speaks. */
function agreedSize(header: TarHeader, extensions: Extensions, offset: number, archive: string): number {
  if (extensions.size === undefined) return header.size
  const fits = extensions.size < 8 ** 11
  if (header.size !== extensions.size && header.size !== 0 && (fits || header.largeSize))
    throw invalid(
      archive,
      offset - BLOCK,
      `one size for a member`,
      `${header.size} and ${extensions.size} bytes`,
    )
  // A header that says 0 while pax says more is written only for sizes that the header cannot hold.
  if (header.size === 0 && extensions.size !== 0 && fits)
    throw invalid(archive, offset - BLOCK, `one size for a member`, `0 and ${extensions.size} bytes`)
  return extensions.size
}

async function moveTo(cursor: Cursor, position: number, archive: string, mayEnd: boolean): Promise<void> {
  if (cursor.position > position) throw new Error('the consumer took more than the entry has')
  if (!(await cursor.skip(position - cursor.position)) && !mayEnd)
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
