import { Unreadable } from '../package-reader.js'

/** The tags of a header that are read (rpm.org's manual, "RPM Tags"). */
const TAGS = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  licence: 1014,
  architecture: 1022,
  sourceRpm: 1044,
  directoryIndexes: 1116,
  baseNames: 1117,
  directoryNames: 1118,
} as const

/** The types of values, and how many bytes those of a fixed size have (rpm.org's manual, "Header format"). */
const INT32 = 4
const STRING = 6
const STRING_ARRAY = 8
const I18N_STRING = 9

/** rpm's own bounds are 64 Ki entries and 256 MiB of data (lib/header.c, hdrchkTags and hdrchkData). */
const MOST_ENTRIES = 0xffff
const ENTRY_BYTES = 16
/** Files that one package may have. */
const MOST_FILES = 1_000_000
/** In characters: of a directory and of a name; what Linux takes at most is 4096 for both. */
const LONGEST_PATH = 4096

export interface RpmHeader {
  name: string | undefined
  version: string | undefined
  release: string | undefined
  epoch: number | undefined
  licence: string | undefined
  architecture: string | undefined
  sourceRpm: string | undefined
  /** Those of its files that are wanted, from the root without the first slash. */
  files: string[]
}

interface Place {
  type: number
  offset: number
  count: number
}

/**
 * Reads the header of an installed package as a database has it: two numbers, so many index entries of tag, type,
 * offset and count, and so many bytes of data; all big-endian (rpm.org's manual, "Header format").
 * @param wantsFile which of its files to name
 * @throws Unreadable, RangeError
 */
export function rpmHeader(blob: Buffer, wantsFile: (path: string) => boolean): RpmHeader {
  const entries = blob.readUInt32BE(0)
  const dataSize = blob.readUInt32BE(4)
  const dataStart = 8 + entries * ENTRY_BYTES
  if (entries > MOST_ENTRIES || dataStart + dataSize > blob.length)
    throw new Unreadable('the header of a package is longer than its record')
  const data = blob.subarray(dataStart, dataStart + dataSize)
  const places = placesIn(blob, entries)
  const text = (tag: number): string | undefined => textAt(data, places.get(tag))
  return {
    name: text(TAGS.name),
    version: text(TAGS.version),
    release: text(TAGS.release),
    epoch: numbersAt(data, places.get(TAGS.epoch))[0],
    licence: text(TAGS.licence),
    architecture: text(TAGS.architecture),
    sourceRpm: text(TAGS.sourceRpm),
    files: filesOf(data, places, wantsFile),
  }
}

const WANTED = new Set<number>(Object.values(TAGS))

function placesIn(blob: Buffer, entries: number): Map<number, Place> {
  const places = new Map<number, Place>()
  for (let i = 0; i < entries; i++) {
    const at = 8 + i * ENTRY_BYTES
    const tag = blob.readUInt32BE(at)
    if (WANTED.has(tag) && !places.has(tag))
      places.set(tag, {
        type: blob.readUInt32BE(at + 4),
        offset: blob.readUInt32BE(at + 8),
        count: blob.readUInt32BE(at + 12),
      })
  }
  return places
}

/** A string, or the first of several, which is the one that is in no other language. */
function textAt(data: Buffer, place: Place | undefined): string | undefined {
  if (!place || ![STRING, STRING_ARRAY, I18N_STRING].includes(place.type)) return undefined
  return textsFrom(data, place.offset, 1)[0]
}

function textsAt(data: Buffer, place: Place | undefined): string[] {
  return place?.type === STRING_ARRAY ? textsFrom(data, place.offset, place.count) : []
}

/** So many strings, each of which ends with a zero. */
function textsFrom(data: Buffer, offset: number, count: number): string[] {
  const texts: string[] = []
  for (let at = offset; texts.length < count && at < data.length && texts.length < MOST_FILES; ) {
    const end = data.indexOf(0, at)
    if (end === -1) break
    texts.push(data.toString('utf8', at, end))
    at = end + 1
  }
  return texts
}

function numbersAt(data: Buffer, place: Place | undefined): number[] {
  if (place?.type !== INT32) return []
  const count = Math.min(place.count, MOST_FILES, Math.floor((data.length - place.offset) / 4))
  return Array.from({ length: Math.max(0, count) }, (_, i) => data.readUInt32BE(place.offset + i * 4))
}

/** A file is the name of a directory, by its number, and a name in it. */
function filesOf(data: Buffer, places: Map<number, Place>, wantsFile: (path: string) => boolean): string[] {
  const directories = textsAt(data, places.get(TAGS.directoryNames))
  const names = textsAt(data, places.get(TAGS.baseNames))
  const indexes = numbersAt(data, places.get(TAGS.directoryIndexes))
  const files: string[] = []
  for (const [i, name] of names.entries()) {
    const directory = directories[indexes[i] ?? -1] ?? ''
    if (directory.length + name.length > LONGEST_PATH) continue
    const path = `${directory}${name}`.replace(/^\/+/, '')
    if (wantsFile(path)) files.push(path)
  }
  return files
}
