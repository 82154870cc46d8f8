import type { FileHandle } from 'node:fs/promises'
import { ContainerImageError } from '../../../manifests/index.js'
import type { PositionedReads } from '../../io/files/read-ahead.js'
import { MEMBER_LIMIT } from './tar-index.js'

/** Where the central directory of a zip lies, as the records at the end of the file say (APPNOTE 6.3.10, section 4.3). */
export interface ZipEnd {
  /** Number of members. */
  count: number
  /** From the start of the file, in bytes. */
  directoryOffset: number
  /** In bytes. */
  directorySize: number
  /** Where the record that ends the file begins. */
  recordOffset: number
}

/** How a zip begins: with its first member, or, where it has none, with its end. */
export function isZip(head: Uint8Array): boolean {
  const [p, k, a, b] = head
  return p === 0x50 && k === 0x4b && ((a === 3 && b === 4) || (a === 5 && b === 6))
}

const END_BYTES = 22
const END_SIGNATURE = 0x06054b50
const LOCATOR_BYTES = 20
const LOCATOR_SIGNATURE = 0x07064b50
const END64_BYTES = 56
const END64_SIGNATURE = 0x06064b50
const MOST_COMMENT = 0xffff
/** The fixed part of a member's header in the directory. */
const HEADER_BYTES = 46

/**
 * Reads the records at the end of a zip. What they say must be the one thing that every reader finds: one
 * record that reaches the end of the file, one disk, and the directory right before the records.
 * @throws ARCHIVE_INVALID
 */
export async function readZipEnd(file: FileHandle, size: number, archive: string): Promise<ZipEnd> {
  const recordOffset = await findEnd(file, size, archive)
  const record = await readAt(file, recordOffset, END_BYTES, archive)
  const small = {
    disks: [record.readUInt16LE(4), record.readUInt16LE(6)],
    counts: [record.readUInt16LE(8), record.readUInt16LE(10)],
    directorySize: record.readUInt32LE(12),
    directoryOffset: record.readUInt32LE(16),
  }
  const wide = await readEnd64(file, recordOffset, archive)
  const end = wide ?? { ...small, offset: recordOffset }
  if (wide) checkAgree(small, wide, archive)
  const [count = 0, total = 0] = end.counts
  if (end.disks.some((disk) => disk !== 0) || count !== total)
    throw invalid(archive, 'is one disk of several', 'a zip in one file', `disk ${end.disks.join(' of ')}`)
  if (count > MEMBER_LIMIT)
    throw invalid(archive, 'holds too many members', `at most ${MEMBER_LIMIT}`, `${count}`)
  const { directoryOffset, directorySize } = end
  if (directoryOffset + directorySize !== end.offset || count * HEADER_BYTES > directorySize)
    throw invalid(
      archive,
      'has its directory of members elsewhere than its end says',
      `${directorySize} bytes that end at ${end.offset}`,
      `${directorySize} bytes at ${directoryOffset}`,
    )
  return { count, directoryOffset, directorySize, recordOffset }
}

/**
 * The record whose comment reaches exactly the end of the file. Two of them would make two archives: one
 * reader would see the first, another the second.
 */
async function findEnd(file: FileHandle, size: number, archive: string): Promise<number> {
  const start = Math.max(0, size - END_BYTES - MOST_COMMENT)
  const tail = await readAt(file, start, size - start, archive)
  const found: number[] = []
  for (let at = tail.length - END_BYTES; at >= 0; at--)
    if (
      tail.readUInt32LE(at) === END_SIGNATURE &&
      at + END_BYTES + tail.readUInt16LE(at + 20) === tail.length
    )
      found.push(start + at)
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  if (found.length > 1)
    throw invalid(archive, 'has several ends', 'one record that ends the file', `${found.length}`)
  throw invalid(archive, 'is cut short', 'the record that ends a zip', 'none')
}

interface End64 {
  disks: number[]
  counts: number[]
  directorySize: number
  directoryOffset: number
  offset: number
}

async function readEnd64(
  file: FileHandle,
  recordOffset: number,
  archive: string,
): Promise<End64 | undefined> {
  if (recordOffset < LOCATOR_BYTES + END64_BYTES) return undefined
  const locator = await readAt(file, recordOffset - LOCATOR_BYTES, LOCATOR_BYTES, archive)
  if (locator.readUInt32LE(0) !== LOCATOR_SIGNATURE) return undefined
  const offset = numberAt(locator, 8)
  const record = await readAt(file, recordOffset - LOCATOR_BYTES - END64_BYTES, END64_BYTES, archive)
  const isThere = record.readUInt32LE(0) === END64_SIGNATURE
  if (
    !isThere ||
    offset !== recordOffset - LOCATOR_BYTES - END64_BYTES ||
    numberAt(record, 4) !== END64_BYTES - 12
  )
    throw invalid(archive, 'has no zip64 end where it says', `a record at ${offset}`, 'something else')
  return {
    disks: [record.readUInt32LE(16), record.readUInt32LE(20), locator.readUInt32LE(4)],
    counts: [numberAt(record, 24), numberAt(record, 32)],
    directorySize: numberAt(record, 40),
    directoryOffset: numberAt(record, 48),
    offset,
  }
}

/** A number in the small record equals the one in the large record, or says that it does not fit. */
function checkAgree(small: Omit<End64, 'offset'>, wide: End64, archive: string): void {
  const pairs: [number | undefined, number | undefined, number][] = [
    [small.counts[1], wide.counts[1], 0xffff],
    [small.directorySize, wide.directorySize, 0xffffffff],
    [small.directoryOffset, wide.directoryOffset, 0xffffffff],
  ]
  for (const [one, other, unset] of pairs)
    if (one !== other && one !== unset)
      throw invalid(archive, 'has two ends that disagree', `${one}`, `${other}`)
}

/** @throws ARCHIVE_INVALID for a number that no real file reaches */
export function numberAt(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at)
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(value)
}

export async function readAt(
  file: PositionedReads,
  position: number,
  count: number,
  archive: string,
): Promise<Buffer> {
  const buffer = Buffer.alloc(count)
  let filled = 0
  while (filled < count) {
    const { bytesRead } = await file.read(buffer, filled, count - filled, position + filled)
    if (bytesRead === 0) throw invalid(archive, 'is cut short', `${count} bytes at ${position}`, `${filled}`)
    filled += bytesRead
  }
  return buffer
}

export function invalid(archive: string, what: string, expected: string, found: string): ContainerImageError {
  return new ContainerImageError('ARCHIVE_INVALID', `${archive} ${what}.`, {
    side: 'source',
    expected,
    found,
  })
}
