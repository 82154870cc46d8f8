import {
  addOverflow,
  isAscii,
  type MemberHeader,
  NAME_BYTES,
  PaxRecords,
} from '../../../archives/members/pax-headers.js'
import { BLOCK } from '../../../archives/members/tar-header.js'
import { ATTRIBUTE_ENCRYPTED, ATTRIBUTE_REPARSE_POINT, type WimEntry } from '../read/entry.js'
import type { LayerEntry, LayerKind } from './layer-entry.js'
import { recordNameFault } from './record-names.js'
import { paxTime, wholeSeconds } from './times.js'
import { deviceNumbers } from './unix.js'

/** The headers of one member of the layer, before they are laid out. */
export interface Member {
  header: MemberHeader
  records: PaxRecords
}

/** The member of an entry; `target` is where a symlink or junction leads. */
export type MemberOf = (one: LayerEntry, target: string) => Member

/**
 * The size of the records that any entry may have, with the longest numbers, not counting those for its name
 * and attributes.
 */
const USUAL_RECORDS = 300
/** What a record for a descriptor or name takes in addition to the value itself. */
const RECORD_FRAME = 32

/**
 * The size of the headers of an entry that is not a link, if that is clear without making them: whatever its
 * times, its records fill no more than one block. Undefined if they might.
 */
export function usualHeaderSize(one: LayerEntry): number | undefined {
  const { entry, name } = one
  if (entry.extendedAttributes.length > 0) return undefined
  const descriptor = entry.securityDescriptor?.length ?? 0
  const forDescriptor = descriptor > 0 ? RECORD_FRAME + 4 * Math.ceil(descriptor / 3) : 0
  // A character takes at most three bytes; the slash after a folder's name is one.
  const forName = name.length < NAME_BYTES && isAscii(name) ? 0 : RECORD_FRAME + 3 * name.length
  return USUAL_RECORDS + forDescriptor + forName <= BLOCK ? 3 * BLOCK : undefined
}

const TYPES: Record<LayerKind, MemberHeader['type']> = {
  file: '0',
  'hard link': '1',
  symlink: '2',
  junction: '2',
  'character device': '3',
  'block device': '4',
  folder: '5',
  fifo: '6',
}

/**
 * As Windows' own tools write a layer (OCI image-spec, layer.md; the keys of go-winio's backuptar): attributes,
 * security descriptor, extended attributes and all times as records; owner and mode mean nothing there.
 */
export function windowsMembers(): MemberOf {
  const descriptors = new Map<Buffer, string>()
  return (one, target) => {
    const { entry, kind } = one
    const mode = kind === 'folder' ? 0o755 : kind === 'symlink' ? 0o777 : 0o644
    // Windows' importer compares UtilityVM/Files literally, and finds the streams of a folder by its name and
    // what follows.
    const header = headerOf(one, one.name, target, mode)
    const records = new PaxRecords()
    records.addBytes('LIBARCHIVE.creationtime', paxTime(entry.createdAt))
    records.addBytes('MSWINDOWS.fileattr', String(attributesOf(one)))
    if (kind === 'junction') records.addBytes('MSWINDOWS.mountpoint', '1')
    if (kind !== 'hard link') {
      const descriptor = entry.securityDescriptor
      if (descriptor) records.addBytes('MSWINDOWS.rawsd', base64Once(descriptors, descriptor))
      addAttributes(records, entry, 'MSWINDOWS.xattr.', 'base64')
    }
    records.addBytes('atime', paxTime(entry.accessedAt))
    // A WIM does not know when metadata last changed; the time of the content comes closest.
    records.addBytes('ctime', paxTime(entry.writtenAt))
    records.addBytes('mtime', paxTime(entry.writtenAt))
    addOverflow(records, header)
    return { header, records }
  }
}

/** As Linux tools write a layer: owner, mode and device in the header, extended attributes as records. */
export function linuxMembers(): MemberOf {
  return (one, target) => {
    const { entry, kind } = one
    const unix = entry.unix
    const usual = kind === 'folder' ? 0o755 : kind === 'symlink' ? 0o777 : 0o644
    const name = kind === 'folder' ? `${one.name}/` : one.name
    const header = headerOf(one, name, target, unix ? unix.mode & 0o7777 : usual)
    if (unix) {
      header.uid = unix.uid
      header.gid = unix.gid
      if (kind === 'character device' || kind === 'block device') {
        const { major, minor } = deviceNumbers(unix.rdev)
        header.major = major
        header.minor = minor
      }
    }
    const records = new PaxRecords()
    if (kind !== 'hard link') addAttributes(records, entry, 'SCHILY.xattr.', 'latin1')
    records.addBytes('atime', paxTime(entry.accessedAt))
    records.addBytes('mtime', paxTime(entry.writtenAt))
    addOverflow(records, header)
    return { header, records }
  }
}

/** A folder that was marked as a reparse point, or as encrypted, has become an ordinary one. */
function attributesOf({ kind, entry }: LayerEntry): number {
  if (kind !== 'folder') return entry.attributes
  const lost = ATTRIBUTE_REPARSE_POINT | (entry.sha1 === undefined ? 0 : ATTRIBUTE_ENCRYPTED)
  return (entry.attributes & ~lost) >>> 0
}

function headerOf(one: LayerEntry, name: string, target: string, mode: number): MemberHeader {
  const { kind, entry } = one
  return {
    name,
    type: TYPES[kind],
    mode,
    uid: 0,
    gid: 0,
    size: kind === 'file' ? (one.blob?.size ?? 0) : 0,
    seconds: wholeSeconds(entry.writtenAt),
    linkName: kind === 'hard link' ? (one.linkedTo?.name ?? '') : target,
    major: 0,
    minor: 0,
  }
}

/** An alternate data stream: a separate file after the one that has it, without Windows records. */
export function streamMember(one: LayerEntry, stream: string, size: number): Member {
  const header = { ...headerOf(one, `${one.name}:${stream}`, '', 0o644), type: '0' as const, size }
  const records = new PaxRecords()
  addOverflow(records, header)
  return { header, records }
}

/** Few descriptors are shared by many files: each is encoded once. */
function base64Once(known: Map<Buffer, string>, bytes: Buffer): string {
  const before = known.get(bytes)
  if (before !== undefined) return before
  const text = bytes.toString('base64')
  known.set(bytes, text)
  return text
}

function addAttributes(
  records: PaxRecords,
  entry: WimEntry,
  prefix: string,
  encoding: 'base64' | 'latin1',
): void {
  const attributes = entry.extendedAttributes
  if (attributes.length === 0) return
  const inOrder = attributes.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  for (const { name, value } of inOrder) {
    if (recordNameFault(name) !== undefined) continue
    records.addBytes(`${prefix}${Buffer.from(name, 'utf8').toString('latin1')}`, value.toString(encoding))
  }
}
