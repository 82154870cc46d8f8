import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import {
  BLOBS_FOLDER,
  ContainerImageError,
  checkLayoutFile,
  DELTA_FILE,
  hasCode,
  INDEX_FILE,
  LAYOUT_FILE,
  LIMITS,
  type ListedFile,
  option,
} from '../../../manifests/index.js'
import { folderMembers } from '../../archives/members/folder.js'
import { parsed } from '../../copy/documents.js'
import { fileInside } from '../../io/files/inside-folder.js'
import { readDocument } from '../../io/files/read-document.js'
import { fromSystem } from '../../io/files/system-errors.js'
import { checkFolders } from '../../store/folders.js'
import { readEntries } from '../../store/index-file.js'
import { Places } from '../../store/places.js'
import { type Store, storeOf } from '../../store/store.js'
import { listBlobs } from '../../store/sweep.js'
import { mediaLists } from './lists.js'

/** A folder that is carried: an OCI layout that all its images share, a list of its files, and a page. */
export interface Media {
  root: string
  /** The layout, which is written as a store is. */
  store: Store
}

/**
 * Whether a place that is to be written to is already a media, whatever is left of its lists.
 * @throws PERMISSION_DENIED
 */
export async function isMedia(folder: string): Promise<boolean> {
  const found = await stat(folder).catch((error) => {
    const told = fromSystem(error, `Opening ${folder}`, 'destination')
    if (hasCode(told, 'PATH_NOT_FOUND')) return undefined
    throw told
  })
  if (!found?.isDirectory()) return false
  return (await mediaLists(folderMembers(folder))) !== undefined
}

/**
 * A folder as a media that can be extended; anything else in it is left alone.
 * @throws LAYOUT_INVALID if it has parts of something that is not a layout; IN_THE_WAY, NOT_A_FILE,
 * UNSAFE_NAME
 */
export async function openMedia(root: string): Promise<Media> {
  const names = await readdir(root).catch((error) => {
    throw fromSystem(error, `Reading ${root}`, 'destination')
  })
  const places = new Places(root)
  await checkFolders(places)
  // A run that was killed while making the layout left an index without entries, and no blobs. Anything else
  // without an `oci-layout` belongs to another program: its index, or blobs that no image here needs and that
  // would be removed.
  if (!names.includes(LAYOUT_FILE)) {
    if (names.includes(INDEX_FILE) && !(await hasNoEntries(places)))
      throw notAMedia(root, `an ${INDEX_FILE}`, INDEX_FILE)
    if ((await listBlobs(places)).length > 0) throw notAMedia(root, 'blobs', `${BLOBS_FOLDER}/`)
  }
  for (const name of DOCUMENTS) await fileInside(root, name)
  if (names.includes(LAYOUT_FILE)) await checkLayout(root)
  return { root, store: storeOf(places, true) }
}

async function hasNoEntries(places: Places): Promise<boolean> {
  const entries = await readEntries(places).catch(() => undefined)
  return entries?.length === 0
}

function notAMedia(root: string, what: string, found: string): ContainerImageError {
  return new ContainerImageError('LAYOUT_INVALID', `${root} holds ${what}, but is not a media.`, {
    side: 'destination',
    expected: 'a media, an OCI image layout, or a folder without either',
    found: `${found} without ${LAYOUT_FILE}`,
    remedy: `Choose another folder with ${option('path')}.`,
  })
}

/** What a media must have to be extended; checked before anything is written. Its lists are made again. */
const DOCUMENTS = [LAYOUT_FILE, INDEX_FILE, DELTA_FILE]

/** A folder that other programs cannot open as a layout is not extended. @throws LAYOUT_INVALID */
async function checkLayout(root: string): Promise<void> {
  const file = path.join(root, LAYOUT_FILE)
  const bytes = await readDocument(file, LIMITS.layoutFileBytes, 'destination')
  parsed(file, () => checkLayoutFile(bytes), 'destination')
}

/** The files listed by the media that is being extended, as far as a list is left. */
export async function listedBefore(root: string): Promise<ListedFile[]> {
  return (await mediaLists(folderMembers(root)))?.list?.files ?? []
}

/** The same in the form that `finishMedia` takes: files that must still have their sums to stay listed. */
export async function besidesBefore(root: string): Promise<Map<string, string | undefined>> {
  return new Map((await listedBefore(root)).map(({ path: file, sha256 }) => [file, sha256]))
}
