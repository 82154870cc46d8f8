import { createHash } from 'node:crypto'
import { isObject, isSize } from '../../../manifests/json-kinds.js'
import { damagedDatabase } from './damaged.js'
import { type BlockSizes, type DatabaseSource, KEY_SIZE, type SourceBlock } from './source-block.js'

/*
 * A database of advisories is one file, written once and read in place:
 *
 *     0   8 bytes    magic
 *     8   u32 LE     version of the format
 *     12  u32 LE     size of the directory
 *     16  32 bytes   SHA-256 of everything after them
 *     48  u64 LE     size of the file
 *     56             the directory: JSON, of each source its facts and the sizes of its parts
 *     ...            of each source in that order: table of keys, keys, entries, advisories
 *
 * A change replaces sources as a whole; the others are copied as they are. The same sources give the same bytes.
 */

const MAGIC = Buffer.from('CIMGADV\n', 'latin1')
const VERSION = 1
export const HEADER_SIZE = 56
const SUM_AT = 16
/** What the sum is of begins here. */
export const SUMMED_FROM = 48
const LARGEST_DIRECTORY = 16 * 1024 * 1024

export interface Header {
  directorySize: number
  sha256: string
  size: number
}

/** One source in the directory: its facts, and where its parts are. */
export interface PlacedSource {
  source: DatabaseSource
  sizes: BlockSizes
  /** Of its first part, from the start of the file. */
  offset: number
}

/** The file in pieces, in the order of the names of its sources. */
export function databaseBytes(blocks: readonly SourceBlock[]): Buffer[] {
  const sorted = [...blocks].sort((a, b) => (a.source.name < b.source.name ? -1 : 1))
  const directory = Buffer.from(
    JSON.stringify({ sources: sorted.map(({ source, sizes }) => ({ ...source, sizes })) }),
  )
  const header = Buffer.alloc(HEADER_SIZE)
  MAGIC.copy(header)
  header.writeUInt32LE(VERSION, 8)
  header.writeUInt32LE(directory.length, 12)
  const rest = [directory, ...sorted.map(({ bytes }) => bytes)]
  header.writeBigUInt64LE(BigInt(rest.reduce((sum, one) => sum + one.length, HEADER_SIZE)), SUMMED_FROM)
  const sum = createHash('sha256').update(header.subarray(SUMMED_FROM))
  for (const one of rest) sum.update(one)
  sum.digest().copy(header, SUM_AT)
  return [header, ...rest]
}

/** @throws DATABASE_INVALID */
export function parseHeader(bytes: Buffer, file: string): Header {
  if (bytes.length < HEADER_SIZE || !bytes.subarray(0, MAGIC.length).equals(MAGIC))
    throw damagedDatabase('a file that begins as one', 'something else', file)
  const version = bytes.readUInt32LE(8)
  if (version !== VERSION)
    throw damagedDatabase(`version ${VERSION} of its format`, `version ${version}`, file)
  const directorySize = bytes.readUInt32LE(12)
  if (directorySize > LARGEST_DIRECTORY)
    throw damagedDatabase(`a directory of at most ${LARGEST_DIRECTORY} bytes`, `${directorySize}`, file)
  return {
    directorySize,
    sha256: bytes.toString('hex', SUM_AT, SUMMED_FROM),
    size: Number(bytes.readBigUInt64LE(SUMMED_FROM)),
  }
}

/** Every source with its place; all of it lies in the file. @throws DATABASE_INVALID */
export function parseDirectory(bytes: Buffer, { directorySize, size }: Header, file: string): PlacedSource[] {
  const sources = listIn(bytes, file)
  let offset = HEADER_SIZE + directorySize
  const placed = sources.map((value): PlacedSource => {
    const found = sourceIn(value)
    if (!found) throw damagedDatabase('a directory of sources', 'something else', file)
    const at = offset
    offset += totalOf(found.sizes)
    return { ...found, offset: at }
  })
  if (offset !== size) throw damagedDatabase(`${offset} bytes`, `${size} bytes`, file)
  return placed
}

export function totalOf({ keys, texts, entries, advisories }: BlockSizes): number {
  return keys + texts + entries + advisories
}

function listIn(bytes: Buffer, file: string): unknown[] {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    if (isObject(value) && Array.isArray(value.sources)) return value.sources
  } catch {
    // Told below.
  }
  throw damagedDatabase('a directory in JSON', 'something else', file)
}

function sourceIn(value: unknown): { source: DatabaseSource; sizes: BlockSizes } | undefined {
  if (!isObject(value) || !isObject(value.sizes) || !isObject(value.ecosystems)) return undefined
  const { name, kind, date, advisories, ecosystems, sizes } = value
  if (typeof name !== 'string' || typeof date !== 'string' || !isSize(advisories)) return undefined
  if (kind !== 'osv' && kind !== 'debian-tracker' && kind !== 'alpine-secdb') return undefined
  if (!Object.values(ecosystems).every(isSize)) return undefined
  const { keys, texts, entries, advisories: records } = sizes
  if (!isSize(keys) || !isSize(texts) || !isSize(entries) || !isSize(records) || keys % KEY_SIZE !== 0)
    return undefined
  return {
    source: { name, kind, date, advisories, ecosystems: ecosystems as Record<string, number> },
    sizes: { keys, texts, entries, advisories: records },
  }
}
