import type { FileHandle } from 'node:fs/promises'
import { show } from '../../../manifests/index.js'
import { type PositionedReads, ReadAhead } from '../../io/files/read-ahead.js'
import { unsafe } from './member-names.js'
import { invalid, numberAt, readAt, type ZipEnd } from './zip-end.js'
import { HAS_DESCRIPTOR, type ZipEntry } from './zip-entries.js'

/** A member with the place of its bytes, from the start of the zip. */
export interface PlacedEntry extends ZipEntry {
  offset: number
}

const HEADER_BYTES = 30
const HEADER_SIGNATURE = 0x04034b50
const DESCRIPTOR_SIGNATURE = 0x08074b50
const MOST_DESCRIPTOR = 24
const EXTRA_ZIP64 = 0x0001
const EXTRA_UNICODE_NAME = 0x7075
/** Beyond that a field says that its value is elsewhere. */
const UNSET = 0xffffffff

/**
 * Reads each member's own header and compares it with the directory: a reader that goes through the file
 * must see the archive that a reader of the directory sees. The members fill the file without gaps and
 * without overlapping.
 * @throws ARCHIVE_INVALID, UNSAFE_NAME
 */
export async function placeEntries(
  file: FileHandle,
  entries: ZipEntry[],
  end: ZipEnd,
  archive: string,
): Promise<PlacedEntry[]> {
  const ahead = new ReadAhead(async (buffer, position) => {
    return (await file.read(buffer, 0, buffer.length, position)).bytesRead
  })
  const inOrder = [...entries].sort((a, b) => a.headerOffset - b.headerOffset)
  const placed: PlacedEntry[] = []
  let position = 0
  for (const [i, entry] of inOrder.entries()) {
    if (entry.headerOffset !== position) throw notNext(entry, position, archive)
    const offset = await checkHeader(ahead, entry, archive)
    const next = inOrder[i + 1]?.headerOffset ?? end.directoryOffset
    position = await endOf(ahead, entry, offset, next, archive)
    placed.push({ ...entry, offset })
  }
  if (position !== end.directoryOffset)
    throw invalid(
      archive,
      'holds bytes that belong to no member',
      `its directory at ${position}`,
      `${end.directoryOffset}`,
    )
  return placed
}

function notNext(entry: ZipEntry, position: number, archive: string): Error {
  const shown = show(entry.name)
  return entry.headerOffset < position
    ? invalid(
        archive,
        `holds ${shown} over another member`,
        `a place at ${position}`,
        `${entry.headerOffset}`,
      )
    : invalid(
        archive,
        `holds bytes before ${shown} that belong to no member`,
        `a member at ${position}`,
        `one at ${entry.headerOffset}`,
      )
}

/** @returns where the member's bytes begin */
async function checkHeader(file: PositionedReads, entry: ZipEntry, archive: string): Promise<number> {
  const header = await readAt(file, entry.headerOffset, HEADER_BYTES, archive)
  if (header.readUInt32LE(0) !== HEADER_SIGNATURE) throw disagree(entry, archive, 'a header', 'none')
  const nameLength = header.readUInt16LE(26)
  const extraLength = header.readUInt16LE(28)
  const rest = await readAt(file, entry.headerOffset + HEADER_BYTES, nameLength + extraLength, archive)
  const name = rest.subarray(0, nameLength)
  if (!name.equals(entry.rawName))
    throw disagree(
      entry,
      archive,
      `the name ${show(entry.rawName.toString('latin1'))}`,
      show(name.toString('latin1')),
    )
  const method = header.readUInt16LE(8)
  const flags = header.readUInt16LE(6)
  if (method !== (entry.method === 'stored' ? 0 : 8))
    throw disagree(entry, archive, `it ${entry.method}`, `method ${method}`)
  if (flags !== entry.flags) throw disagree(entry, archive, `flags ${entry.flags}`, `flags ${flags}`)
  checkNumbers(header, extrasOf(rest.subarray(nameLength)), entry, archive)
  return entry.headerOffset + HEADER_BYTES + nameLength + extraLength
}

function checkNumbers(header: Buffer, extras: Map<number, Buffer>, entry: ZipEntry, archive: string): void {
  const unicode = extras.get(EXTRA_UNICODE_NAME)
  // A version and a sum come before the name (APPNOTE, section 4.6.9).
  if (unicode && memberNameOf(unicode) !== memberNameOf(Buffer.concat([Buffer.alloc(5), entry.rawName])))
    throw unsafe(entry.name, archive, 'a member with two names')
  const { size, compressedSize } = sizesOf(header, extras.get(EXTRA_ZIP64))
  // The numbers follow the bytes, and are compared there; writers leave some of them empty here, or all.
  const follow = (entry.flags & HAS_DESCRIPTOR) !== 0
  const differs = (own: number, known: number): boolean =>
    own !== known && !(follow && (own === 0 || own === UNSET))
  const crc32 = header.readUInt32LE(14)
  if (differs(crc32, entry.crc32)) throw disagree(entry, archive, `CRC ${hex(entry.crc32)}`, hex(crc32))
  if (differs(size, entry.size)) throw disagree(entry, archive, `${entry.size} bytes`, `${size}`)
  if (differs(compressedSize, entry.compressedSize))
    throw disagree(entry, archive, `${entry.compressedSize} bytes in the zip`, `${compressedSize}`)
}

/** Sizes that do not fit stand in a field of their own, in this order (APPNOTE, section 4.5.3). */
function sizesOf(header: Buffer, wide: Buffer | undefined): { size: number; compressedSize: number } {
  let [compressedSize, size] = [header.readUInt32LE(18), header.readUInt32LE(22)]
  let at = 0
  if (size === UNSET && wide && wide.length >= 8) {
    size = numberAt(wide, 0)
    at = 8
  }
  if (compressedSize === UNSET && wide && wide.length >= at + 8) compressedSize = numberAt(wide, at)
  return { size, compressedSize }
}

function memberNameOf(field: Buffer): string {
  return field.subarray(5).toString('utf8')
}

function extrasOf(bytes: Buffer): Map<number, Buffer> {
  const extras = new Map<number, Buffer>()
  for (let at = 0; at + 4 <= bytes.length; ) {
    const size = bytes.readUInt16LE(at + 2)
    extras.set(bytes.readUInt16LE(at), bytes.subarray(at + 4, at + 4 + size))
    at += 4 + size
  }
  return extras
}

/** Where the member ends, including the numbers that follow its bytes, if there are any. */
async function endOf(
  file: PositionedReads,
  entry: ZipEntry,
  offset: number,
  next: number,
  archive: string,
): Promise<number> {
  const end = offset + entry.compressedSize
  if (end > next)
    throw invalid(
      archive,
      `holds ${show(entry.name)} over another member`,
      `its end before ${next}`,
      `${end}`,
    )
  if (!(entry.flags & HAS_DESCRIPTOR)) return end
  const descriptor = await readAt(file, end, Math.min(MOST_DESCRIPTOR, next - end), archive)
  // With and without a signature, with small and with wide numbers (APPNOTE, section 4.3.9).
  for (const start of [4, 0])
    for (const width of [4, 8])
      if (next - end === start + 4 + 2 * width && fits(descriptor, start, width, entry)) return next
  throw disagree(entry, archive, 'the same CRC and sizes behind its bytes', 'others')
}

function fits(descriptor: Buffer, start: number, width: number, entry: ZipEntry): boolean {
  if (start === 4 && descriptor.readUInt32LE(0) !== DESCRIPTOR_SIGNATURE) return false
  const number = (at: number): number =>
    width === 8 ? numberAt(descriptor, at) : descriptor.readUInt32LE(at)
  return (
    descriptor.readUInt32LE(start) === entry.crc32 &&
    number(start + 4) === entry.compressedSize &&
    number(start + 4 + width) === entry.size
  )
}

function disagree(entry: ZipEntry, archive: string, expected: string, found: string): Error {
  return invalid(archive, `describes ${show(entry.name)} in two ways`, expected, found)
}

function hex(crc32: number): string {
  return crc32.toString(16).padStart(8, '0')
}
