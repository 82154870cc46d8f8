import { ContainerImageError, show } from '../../../../manifests/index.js'
import type { TarEntry } from '../../../archives/members/tar-entries.js'
import {
  ATTRIBUTE_DIRECTORY,
  ATTRIBUTE_REPARSE_POINT,
  type ExtendedAttribute,
  type UnixData,
} from '../read/entry.js'
import type { Inode } from './merged-tree.js'
import { unixReparse, windowsReparse } from './reparse-buffers.js'
import type { WimContent } from './source.js'

const ATTRIBUTE_NORMAL = 0x80
/** 1970 in FILETIME. */
const EPOCH = 116444736000000000n
const MAX_TIME = (1n << 63n) - 1n

/** Makes the file, folder, link or device that a layer's entry describes. */
export interface InodeMaker {
  inode(entry: TarEntry, content: WimContent | undefined): Inode
  /** A folder that the layer has files in, but no entry for. */
  missingFolder(mtime: number): Inode['facts']
}

/** From the records that Windows' own tools write (OCI image-spec, layer.md). */
export function windowsInodes(label: string): InodeMaker {
  const descriptors = new Map<string, Buffer>()
  const descriptorOf = (value: Buffer | undefined): Buffer | undefined => {
    if (!value) return undefined
    const text = value.toString('latin1')
    const known = descriptors.get(text) ?? Buffer.from(text, 'base64')
    descriptors.set(text, known)
    return known
  }
  return {
    inode(entry, content) {
      const { kind, records } = entry
      const isJunction = text(entry, 'MSWINDOWS.mountpoint') === '1'
      const attributes = windowsAttributes(entry, isJunction, label)
      const securityDescriptor = descriptorOf(records?.get('MSWINDOWS.rawsd'))
      const extended = attributesOf(entry, 'MSWINDOWS.xattr.', (value) =>
        Buffer.from(value.toString('latin1'), 'base64'),
      )
      const { createdAt, accessedAt, writtenAt } = timesOf(entry, label)
      return {
        kind: kind === 'folder' ? 'folder' : kind === 'link' ? 'link' : 'file',
        target: kind === 'link' ? (entry.target ?? '') : undefined,
        facts: {
          attributes,
          createdAt,
          accessedAt,
          writtenAt,
          content,
          reparse: kind === 'link' ? windowsReparse(entry.target ?? '', isJunction) : undefined,
          securityDescriptor,
          extendedAttributes: extended,
        },
      }
    },
    missingFolder: (mtime) => ({ attributes: ATTRIBUTE_DIRECTORY, ...allTimes(fromSeconds(mtime)) }),
  }
}

/** What an entry really is overrides what its attributes say. */
function windowsAttributes(entry: TarEntry, isJunction: boolean, label: string): number {
  const said = text(entry, 'MSWINDOWS.fileattr')
  if (said !== undefined && !(/^\d{1,10}$/.test(said) && Number(said) <= 0xffffffff))
    throw invalidRecord(entry, 'MSWINDOWS.fileattr', said, label)
  const attributes = said === undefined ? 0 : Number(said)
  const others = attributes & ~(ATTRIBUTE_DIRECTORY | ATTRIBUTE_REPARSE_POINT)
  if (entry.kind === 'folder') return (others | ATTRIBUTE_DIRECTORY) >>> 0
  if (entry.kind !== 'link') return others >>> 0 || ATTRIBUTE_NORMAL
  const isFolder = isJunction || (attributes & ATTRIBUTE_DIRECTORY) !== 0
  return (others | ATTRIBUTE_REPARSE_POINT | (isFolder ? ATTRIBUTE_DIRECTORY : 0)) >>> 0
}

/** From owner, mode and device, as wimlib records them. */
export function linuxInodes(label: string): InodeMaker {
  return {
    inode(entry, content) {
      const { kind } = entry
      const extended = attributesOf(entry, 'SCHILY.xattr.', (value) => value)
      const { createdAt, accessedAt, writtenAt } = timesOf(entry, label)
      return {
        kind: kind === 'folder' ? 'folder' : kind === 'link' ? 'link' : kind === 'other' ? 'device' : 'file',
        target: kind === 'link' ? (entry.target ?? '') : undefined,
        facts: {
          attributes: LINUX_ATTRIBUTES[kind] ?? ATTRIBUTE_NORMAL,
          createdAt,
          accessedAt,
          writtenAt,
          content,
          reparse: kind === 'link' ? unixReparse(entry.target ?? '') : undefined,
          extendedAttributes: extended,
          unix: unixData(entry, label),
        },
      }
    },
    missingFolder: (mtime) => ({
      attributes: ATTRIBUTE_DIRECTORY,
      ...allTimes(fromSeconds(mtime)),
      unix: { uid: 0, gid: 0, mode: 0o040755, rdev: 0 },
    }),
  }
}

/** As wimlib writes them: what is neither file, folder nor link has none. */
const LINUX_ATTRIBUTES: Partial<Record<TarEntry['kind'], number>> = {
  folder: ATTRIBUTE_DIRECTORY,
  link: ATTRIBUTE_REPARSE_POINT,
  other: 0,
}

const MODES: Record<string, number> = {
  '2': 0o120000,
  '3': 0o020000,
  '4': 0o060000,
  '5': 0o040000,
  '6': 0o010000,
}

function unixData(entry: TarEntry, label: string): UnixData {
  const { header, kind } = entry
  const type = kind === 'folder' ? 0o040000 : (MODES[header.type] ?? 0o100000)
  const isDevice = header.type === '3' || header.type === '4'
  return {
    uid: idOf(entry, 'uid', header.uid, label),
    gid: idOf(entry, 'gid', header.gid, label),
    mode: (header.mode & 0o7777) | type,
    rdev: isDevice ? deviceNumber(header.major, header.minor) : 0,
  }
}

function idOf(entry: TarEntry, key: 'uid' | 'gid', inHeader: number, label: string): number {
  const said = text(entry, key) ?? String(inHeader)
  const id = /^\d{1,10}$/.test(said) ? Number(said) : -1
  if (id < 0 || id > 0xffffffff) throw invalidRecord(entry, key, said, label)
  return id
}

/** As Linux packs the two numbers (makedev(3)). */
function deviceNumber(major: number, minor: number): number {
  return (((major & 0xfff) << 8) | (minor & 0xff) | ((minor & 0xfff00) << 12)) >>> 0
}

function attributesOf(
  { records }: TarEntry,
  prefix: string,
  decode: (value: Buffer) => Buffer,
): ExtendedAttribute[] | undefined {
  const found: ExtendedAttribute[] = []
  for (const [key, value] of records ?? [])
    if (key.startsWith(prefix)) found.push({ name: key.slice(prefix.length), flags: 0, value: decode(value) })
  return found.length > 0 ? found.sort((a, b) => (a.name < b.name ? -1 : 1)) : undefined
}

type Times = Pick<Inode['facts'], 'createdAt' | 'accessedAt' | 'writtenAt'>

/** If a layer does not say when a file was created or read, the time of its last write is used. */
function timesOf(entry: TarEntry, label: string): Times {
  const writtenAt = timeIn(entry, 'mtime', label) ?? fromSeconds(entry.mtime)
  // Equal ones are one object: an image has a hundred thousand of them.
  const shared = (time: bigint | undefined): bigint =>
    time === undefined || time === writtenAt ? writtenAt : time
  return {
    createdAt: shared(timeIn(entry, 'LIBARCHIVE.creationtime', label)),
    accessedAt: shared(timeIn(entry, 'atime', label)),
    writtenAt,
  }
}

function allTimes(time: bigint): Times {
  return { createdAt: time, accessedAt: time, writtenAt: time }
}

function fromSeconds(seconds: number): bigint {
  return clamped(BigInt(Math.trunc(seconds)) * 10_000_000n + EPOCH)
}

/** A pax time, seconds with decimals, as FILETIME. */
function timeIn(entry: TarEntry, key: string, label: string): bigint | undefined {
  const said = text(entry, key)
  if (said === undefined) return undefined
  const parts = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(said)
  if (!parts) throw invalidRecord(entry, key, said, label)
  const ticks = BigInt(parts[2] ?? 0) * 10_000_000n + BigInt((parts[3] ?? '').slice(0, 7).padEnd(7, '0'))
  return clamped(EPOCH + (parts[1] ? -ticks : ticks))
}

function clamped(time: bigint): bigint {
  return time < 0n ? 0n : time > MAX_TIME ? MAX_TIME : time
}

function text({ records }: TarEntry, key: string): string | undefined {
  return records?.get(key)?.toString('utf8')
}

function invalidRecord(entry: TarEntry, key: string, value: string, label: string): ContainerImageError {
  return new ContainerImageError(
    'ARCHIVE_INVALID',
    `${label} has a record ${key} of ${show(entry.rawName)} that cannot be read.`,
    { side: 'source', found: show(value), details: { path: entry.rawName } },
  )
}
