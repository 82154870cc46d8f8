import { stat } from 'node:fs/promises'
import { ContainerImageError, INDEX_FILE, LAYOUT_FILE, show } from '../../manifests/index.js'
import { directorySource } from '../directory/source.js'
import { dockerArchiveSource } from '../docker-archive/source.js'
import type { ScratchPlace } from '../files/scratch.js'
import { fromSystem } from '../files/system-errors.js'
import { checkLayoutMembers } from '../layout/archive-members.js'
import { layoutSource } from '../layout/source.js'
import { isMedia } from '../media/media.js'
import { compressedTarMembers } from '../members/compressed-tar.js'
import { compressionOf, readHead } from '../members/compression.js'
import { folderMembers } from '../members/folder.js'
import type { Members } from '../members/members.js'
import { tarMembers } from '../members/tar.js'
import type { ImageCollection, OnProgress } from '../ports.js'
import { type RootfsOptions, rootfsSource } from '../rootfs/source.js'
import { setMembers } from '../volumes/set-members.js'
import { findSet, type VolumeSet } from '../volumes/volume-set.js'
import { isWim } from '../wim/header.js'
import type { WimOptions } from '../wim/source.js'
import { isPackedFile, namedByArchive } from './inner-file.js'
import { listedMedia } from './listed-media.js'
import { listedFiles } from './listed-members.js'
import { refuseNested } from './nested.js'
import { packedMembers } from './packed-members.js'
import { looksLikeRootfs } from './rootfs-signs.js'

/** What is known of an image that its file does not say; and where the layer of a WIM can be made. */
export interface OpenOptions extends RootfsOptions, WimOptions {
  /** The volumes of a path that is a set, where they were found before. */
  volumeSet?: VolumeSet
  /** Blobs of a folder may be taken away: it is nobody's but ours. */
  mayTake?: boolean
  /** Where files are put that must lie unpacked while they are read. */
  scratch?: ScratchPlace
  onProgress?: OnProgress
  /** This is what lay in a zip or 7z. */
  isInner?: boolean
}

/**
 * Opens whatever holds images at a path, known by its content and not by its name: an OCI layout or a docker
 * archive, as a folder or a tar, plain or compressed; skopeo's `dir:`; the tarball of a root filesystem; a WIM, or any part of a split one.
 * @throws PATH_NOT_FOUND, ARCHIVE_UNKNOWN, ARCHIVE_INVALID, UNSAFE_NAME and what the formats throw
 */
export async function openPath(path: string, options: OpenOptions = {}): Promise<ImageCollection> {
  const { collection } = await openWithMembers(path, options)
  if (!(await isMedia(path))) return collection
  try {
    return await listedMedia(path, collection, options.signal)
  } catch (error) {
    await collection.close()
    throw error
  }
}

/** What `openPath` opens, with the archive or folder below it where there is one. */
export interface Opened {
  collection: ImageCollection
  members?: Members
  /** The members are those of a zip or 7z. */
  isPacked?: boolean
}

/** @throws as openPath */
export async function openWithMembers(path: string, options: OpenOptions = {}): Promise<Opened> {
  const stats = await stat(path).catch((error) => {
    throw fromSystem(error, `Opening ${path}`, 'source')
  })
  if (!stats.isDirectory() && !stats.isFile()) throw noFile(path)
  const set = options.volumeSet ?? (await findSet(path))
  if (set) return await openMembers(await setMembers(set), 'volumes', options.signal)
  if (stats.isDirectory()) {
    const { mayTake = false, signal } = options
    return await openMembers(folderMembers(path, { mayTake }), 'folder', signal)
  }
  const start = await readStart(path)
  if (isWim(start)) {
    const { wimSource } = await import('../wim/source.js')
    return { collection: await wimSource(path, options) }
  }
  if (isPackedFile(path, start)) return await openPacked(path, start, options)
  const kind = compressionOf(start)
  if (await looksLikeRootfs(path, kind, stats.size, options.signal))
    return { collection: await rootfsSource(path, kind, options) }
  const members =
    kind === 'none' ? await tarMembers(path) : await compressedTarMembers(path, kind, options.signal)
  return await openMembers(members, 'archive', options.signal)
}

/** A zip or 7z: images as a folder or a tar has them, or one archive with them. */
async function openPacked(path: string, start: Uint8Array, options: OpenOptions): Promise<Opened> {
  const { closingAlso, lookInside } = await import('./open-packed.js')
  if (options.isInner) refuseNested(path)
  const inside = await lookInside(await packedMembers(path, start, options), options)
  if (inside.kind === 'images')
    return { ...(await openMembers(inside.members, 'packed', options.signal)), isPacked: true }
  if (inside.kind === 'archive') return await openMembers(inside.members, 'archive', options.signal)
  try {
    const opened = await openWithMembers(inside.path, { ...options, isInner: true })
    return { ...opened, collection: closingAlso(opened.collection, inside.close) }
  } catch (error) {
    await inside.close()
    throw namedByArchive(error, inside.path, path)
  }
}

/** A pipe would be waited for, and a device has no end. */
function noFile(path: string): ContainerImageError {
  return new ContainerImageError('ARCHIVE_UNKNOWN', `${path} is no file and no folder.`, {
    side: 'source',
    expected: 'a file or a folder',
    found: 'a device, pipe or socket',
  })
}

async function readStart(path: string): Promise<Uint8Array> {
  return await readHead(path, 8).catch((error) => {
    throw fromSystem(error, `Opening ${path}`, 'source')
  })
}

type Place = 'folder' | 'archive' | 'packed' | 'volumes'

const FORMATS: Record<Place, string> = {
  folder: 'OCI layout',
  archive: 'OCI archive',
  packed: 'OCI archive',
  volumes: 'set of volumes',
}

async function openMembers(members: Members, place: Place, signal?: AbortSignal): Promise<Opened> {
  const has = async (name: string): Promise<boolean> => (await members.find(name))?.kind === 'file'
  const open = async (): Promise<ImageCollection> => {
    if ((await has(LAYOUT_FILE)) && (await has(INDEX_FILE))) {
      if (place === 'archive') await checkLayoutMembers(members)
      if (place === 'packed') await checkLayoutMembers(members, await listedFiles(members))
      return await layoutSource(members, FORMATS[place])
    }
    if (place === 'folder' && (await has('version')) && (await has('manifest.json')))
      return await directorySource(members)
    if (await has('manifest.json')) return await dockerArchiveSource(members, signal)
    throw await nothingKnown(members, place)
  }
  try {
    return { collection: await open(), members }
  } catch (error) {
    await members.close()
    throw error
  }
}

async function nothingKnown(members: Members, place: string): Promise<ContainerImageError> {
  const names = (await members.list().catch(() => [])).map((member) => member.name)
  const some = names.slice(0, 5).map(show).join(', ')
  return new ContainerImageError('ARCHIVE_UNKNOWN', `${members.label} holds no image.`, {
    side: 'source',
    expected: 'an OCI layout, a docker archive, or a root filesystem',
    found: names.length === 0 ? `an empty ${place}` : `${some}${names.length > 5 ? ', ...' : ''}`,
  })
}
