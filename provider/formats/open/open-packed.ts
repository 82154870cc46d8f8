import path from 'node:path'
import { INDEX_FILE, LAYOUT_FILE } from '../../../manifests/index.js'
import { belowTop } from '../../archives/members/below.js'
import { compressionOf, readHead } from '../../archives/members/compression.js'
import { checkPortable, unsafe } from '../../archives/members/member-names.js'
import type { Member, Members } from '../../archives/members/members.js'
import { tarMembers } from '../../archives/members/tar.js'
import { collectionWith } from '../../copy/collection-with.js'
import type { ImageCollection } from '../../copy/ports.js'
import type { FileRange } from '../../io/bytes.js'
import { closeAll, closedAfter } from '../../io/closing/closing.js'
import { makeScratch, type ScratchPlace } from '../../io/files/scratch.js'
import { SharedFile } from '../../io/files/shared-file.js'
import { checkSpace } from '../../io/files/space.js'
import { writeNewFile } from '../../io/files/write-new-file.js'
import { isOfSystem } from '../media/system-files.js'
import { looksLikeRootfs } from '../rootfs/signs.js'
import { isWim } from '../wim/read/header.js'

/** What is in a zip or a 7z: the files of images, or one archive that has them. */
export type Packed =
  | { kind: 'images'; members: Members }
  /** A tar that is stored uncompressed in the zip, and is read there. */
  | { kind: 'archive'; members: Members }
  /** A file on this machine, to be removed once its content has been read. */
  | { kind: 'file'; path: string; close(): Promise<void> }

export interface PackedOptions {
  scratch?: ScratchPlace
  signal?: AbortSignal
}

/**
 * Looks into a zip or 7z whose members are known. If this fails, the members are closed.
 * @throws UNSAFE_NAME, ARCHIVE_INVALID, NO_SPACE
 */
export async function lookInside(packed: Members, options: PackedOptions): Promise<Packed> {
  try {
    const members = await belowTop(packed, isOfSystem)
    const single = await singleFile(members)
    return single ? await openSingle(members, single, options) : { kind: 'images', members }
  } catch (error) {
    throw await closedAfter(error, packed)
  }
}

/** The only file, if there is just one and it is not part of something larger. */
async function singleFile(members: Members): Promise<Member | undefined> {
  const files = (await members.list()).filter(({ kind }) => kind !== 'folder')
  const [only] = files
  if (!only || files.length > 1 || only.name === LAYOUT_FILE || only.name === INDEX_FILE) return undefined
  if (only.kind !== 'file') throw unsafe(only.name, members.label, `a ${only.kind}`)
  return only
}

async function openSingle(members: Members, { name, size }: Member, options: PackedOptions): Promise<Packed> {
  const range = await members.locate(name)
  if (range?.path === members.label && (await isPlainTar(range, options.signal))) {
    const inner = await tarMembers(range.path, range)
    await members.close()
    return { kind: 'archive', members: inner }
  }
  if (range && range.offset === 0 && range.path !== members.label)
    return { kind: 'file', path: range.path, close: () => members.close() }
  checkPortable(name, members.label)
  const scratch = await makeScratch(options.scratch)
  const file = path.join(scratch.path, path.posix.basename(name))
  try {
    await checkSpace(file, size)
    await writeNewFile(file, members.read(name, { signal: options.signal }))
  } catch (error) {
    throw await closedAfter(error, scratch.remove)
  }
  return { kind: 'file', path: file, close: () => closeAll([members, scratch.remove]) }
}

async function isPlainTar(range: FileRange, signal?: AbortSignal): Promise<boolean> {
  const head = await readHead(range.path, 8, range.offset)
  if (isWim(head) || compressionOf(head) !== 'none') return false
  const file = new SharedFile(range.path)
  try {
    return !(await looksLikeRootfs(file, 'none', range, signal).catch(() => true))
  } finally {
    await file.close()
  }
}

/** A collection that, when closed, also removes the files that it was unpacked into. */
export function closingAlso(collection: ImageCollection, also: () => Promise<void>): ImageCollection {
  return collectionWith(collection, { close: () => closeAll([collection, also]) })
}
