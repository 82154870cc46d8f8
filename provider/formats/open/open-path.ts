import { ContainerImageError, INDEX_FILE, LAYOUT_FILE, show } from '../../../manifests/index.js'
import { isReadableName } from '../../archives/endings.js'
import { type Members, whatIs } from '../../archives/members/members.js'
import type { ImageCollection } from '../../copy/ports.js'
import { closedAfter } from '../../io/closing/closing.js'
import type { Around, Format, Found, FoundMembers, Inside } from '../format.js'
import { mediaLists } from '../media/lists.js'
import { besideLayout } from './beside-layout.js'
import { foundAt } from './found-at.js'
import { namedByArchive } from './inner-file.js'
import { listedMedia } from './listed-media.js'
import { listedFiles } from './listed-members.js'
import { archivesWithin, belowFolders, foldersOfImages, imagesBelow, refuseNested } from './nested.js'
import type { OpenOptions } from './open-options.js'
import type { Packed } from './open-packed.js'
import { FORMATS } from './table.js'

/**
 * Opens whatever holds images at a path, known by its content and not by its name: an OCI layout or a docker
 * archive, as a folder or a tar, plain or compressed; skopeo's `dir:`; the tarball of a root filesystem; a WIM, or any part of a split one.
 * @throws PATH_NOT_FOUND, ARCHIVE_UNKNOWN, ARCHIVE_INVALID, UNSAFE_NAME and what the formats throw
 */
export async function openPath(path: string, options: OpenOptions = {}): Promise<ImageCollection> {
  const { collection, members, around } = await openFound(path, await foundAt(path, options), options)
  if (!members || around !== 'folder') return collection
  try {
    const lists = await mediaLists(members)
    if (lists) return await listedMedia(path, lists, collection, options.signal)
    return await besideLayout(path, members, collection)
  } catch (error) {
    throw await closedAfter(error, collection)
  }
}

/** What was opened, with the archive or folder below it if there is one. */
export interface Opened {
  collection: ImageCollection
  members?: Members
  around?: Around
  /** How the format of the content is checked, if it defines that. */
  check?: Format['check']
}

/** Opens what was found at a path. @throws as openPath */
export async function openFound(path: string, found: Found, options: OpenOptions): Promise<Opened> {
  if (found.around === undefined) return { collection: await found.collection() }
  if (found.around === 'packed') return await openPacked(path, await packedIn(path, found, options), options)
  return await openMembers(await found.members(), found.around, options.signal)
}

/** What is in a zip or 7z. @throws ARCHIVE_UNKNOWN if that was itself in another one */
export async function packedIn(path: string, found: FoundMembers, options: OpenOptions): Promise<Packed> {
  if (options.isInner) refuseNested(path)
  const { lookInside } = await import('./open-packed.js')
  return await lookInside(await found.members(), options)
}

/** A zip or 7z: images as a folder or a tar has them, or one archive with them. */
export async function openPacked(path: string, inside: Packed, options: OpenOptions): Promise<Opened> {
  const { signal } = options
  if (inside.kind === 'images') return await openMembers(inside.members, 'packed', signal)
  if (inside.kind === 'archive') return await openMembers(inside.members, 'archive', signal)
  try {
    const inner = { ...options, isInner: true }
    const opened = await openFound(inside.path, await foundAt(inside.path, inner), inner)
    const { closingAlso } = await import('./open-packed.js')
    return { ...opened, collection: closingAlso(opened.collection, inside.close) }
  } catch (error) {
    throw await closedAfter(namedByArchive(error, inside.path, path), inside)
  }
}

async function openMembers(members: Members, around: Around, signal?: AbortSignal): Promise<Opened> {
  const inside: Inside = {
    members,
    around,
    has: (name) => hasFile(members, name),
    listed: () => listedFiles(members),
    signal,
  }
  try {
    for (const { inside: opens, check } of FORMATS) {
      const opened = await opens?.(inside)
      if (!opened) continue
      const collection = await withOtherList(opened, inside)
      return { collection, members, around, check }
    }
    const below = await belowFolders(members, around)
    if (below) return await openMembers(below, around, signal)
    throw await nothingKnown(members, around)
  } catch (error) {
    throw await closedAfter(error, members)
  }
}

/** A layout may have docker's list beside its own. */
async function withOtherList(collection: ImageCollection, inside: Inside): Promise<ImageCollection> {
  const { members, has, signal } = inside
  if (!(await has(LAYOUT_FILE)) || !(await has(INDEX_FILE)) || !(await has('manifest.json')))
    return collection
  const { withDockerList } = await import('./both-lists.js')
  return await withDockerList(collection, members, signal)
}

async function hasFile(members: Members, name: string): Promise<boolean> {
  const member = await members.find(name)
  // The reader needs to know what is in the place of such a file.
  const mayBeFolder = name !== LAYOUT_FILE && name !== INDEX_FILE
  if (member && member.kind !== 'file' && !(member.kind === 'folder' && mayBeFolder))
    throw noSign(members.label, name, whatIs(member))
  return member?.kind === 'file'
}

async function nothingKnown(members: Members, around: Around): Promise<ContainerImageError> {
  const names = (await members.list().catch(() => [])).map((member) => member.name)
  const folders = foldersOfImages(names)
  if (folders.length > 0) return imagesBelow(members.label, folders, around)
  const archives = names.filter(isReadableName)
  if (archives.length > 0) return archivesWithin(members.label, archives, around)
  const some = names.slice(0, 5).map(show).join(', ')
  return new ContainerImageError('ARCHIVE_UNKNOWN', `${members.label} holds no image.`, {
    side: 'source',
    expected: 'an OCI layout, a docker archive, or a root filesystem',
    found:
      names.length === 0
        ? `an empty ${around === 'folder' ? around : 'archive'}`
        : `${some}${names.length > 5 ? ', ...' : ''}`,
  })
}

function noSign(label: string, name: string, what: string): ContainerImageError {
  return new ContainerImageError('ARCHIVE_UNKNOWN', `${label} holds no image: its ${name} is ${what}.`, {
    side: 'source',
    expected: `a file ${name}`,
    found: what,
    remedy: 'Put the file itself in its place, or ask whoever wrote it.',
  })
}
