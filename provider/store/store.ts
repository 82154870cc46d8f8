import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import {
  ContainerImageError,
  checkLayoutFile,
  command,
  type Descriptor,
  hasCode,
  INDEX_FILE,
  LAYOUT_BYTES,
  LIMITS,
  MEDIA_FILE,
  option,
  SUMS_FILE,
} from '../../manifests/index.js'
import { replaceFile, syncFolder } from '../io/files/durable.js'
import { makeFolderBelow } from '../io/files/folder-below.js'
import { readDocument } from '../io/files/read-document.js'
import { fromSystem, inWords } from '../io/files/system-errors.js'
import { CheckedBlobs } from './checked-blobs.js'
import { makeIngestFolder } from './folders.js'
import { changeEntries, readEntries } from './index-file.js'
import { KnownLayers } from './known-layers.js'
import { Places } from './places.js'
import { listBlobs } from './sweep.js'

/** The local store: an OCI image layout in a folder (image-layout.md), which other tools read as it is. */
export interface Store {
  readonly places: Places
  /** What `index.json` lists; none if the store does not exist yet. @throws INVALID_DOCUMENT */
  entries(): Promise<Descriptor[]>
  /** Which of its blobs can be relied on. */
  readonly checked: CheckedBlobs
  /** Which of its layers need not be checked again. */
  readonly layers: KnownLayers
}

/** @param isMedia others write to it, so that nothing is noted there of what was checked */
export function storeOf(places: Places, isMedia: boolean): Store {
  return {
    places,
    entries: () => readEntries(places),
    checked: new CheckedBlobs(places, !isMedia),
    layers: new KnownLayers(places),
  }
}

/** The layout at a path, whatever is there. On a media no marks are kept: others could forge them. */
export function storeAt(root: string): Store {
  const places = new Places(root)
  const isMedia = [MEDIA_FILE, SUMS_FILE].some((name) => existsSync(path.join(root, name)))
  return storeOf(places, isMedia)
}

/**
 * The store in a folder. Nothing is made before something is written.
 * @throws LAYOUT_INVALID if the folder holds something other than a layout
 */
export async function openStore(root: string): Promise<Store> {
  const store = storeAt(root)
  await checkIsStore(store.places)
  return store
}

async function checkIsStore(places: Places): Promise<void> {
  const names = await readdir(places.root).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return []
    if (error.code === 'ENOTDIR') throw notAStore(places, 'a file')
    throw fromSystem(error, `Reading ${places.root}`, 'destination')
  })
  if (names.length === 0) return
  try {
    checkLayoutFile(await readDocument(places.layoutFile, LIMITS.layoutFileBytes, 'destination'))
  } catch (error) {
    // It may well be a store, on a stick that was pulled out or without access for this user.
    if (hasCode(error, 'PERMISSION_DENIED', 'CANNOT_MAKE')) throw error
    if (!(await isBegun(places, names))) throw notAStore(places, (error as Error).message)
    return
  }
  // A new store gets its index first. If the index was lost, a new one would name nothing of what is here.
  if (!names.includes(INDEX_FILE) && (await listBlobs(places)).length > 0) throw indexLost(places)
}

function indexLost({ root }: Places): ContainerImageError {
  return new ContainerImageError('LAYOUT_INVALID', `The store ${root} has lost its ${INDEX_FILE}.`, {
    side: 'destination',
    expected: `a file ${INDEX_FILE} that names what is there`,
    found: 'blobs alone',
    remedy: `Make it again with ${command('store', 'check', option('repair'))}.`,
  })
}

/** A run that was killed while making the store leaves only these, no entry and no blob. */
async function isBegun(places: Places, names: readonly string[]): Promise<boolean> {
  if (!names.every((name) => /^(ingest|blobs|index\.json|\.(index\.json|oci-layout)\..*)$/.test(name)))
    return false
  const entries = await readEntries(places).catch(() => undefined)
  return entries?.length === 0 && (await listBlobs(places)).length === 0
}

function notAStore(places: Places, found: string): ContainerImageError {
  return new ContainerImageError('LAYOUT_INVALID', `${places.root} is not a store.`, {
    side: 'destination',
    expected: 'an OCI image layout, an empty folder, or none yet',
    found,
    remedy: `Choose another folder with ${option('store')}, or restore this one.`,
  })
}

/**
 * Makes the folders and the fixed files of a store that is not there yet. The index is made under its lock,
 * so that it never replaces one that another process made meanwhile. `oci-layout` comes last: other tools
 * treat a folder that has it as a layout, and fail if it has no index.
 * @throws PERMISSION_DENIED, NO_SPACE, IN_THE_WAY
 */
export async function makeStore(places: Places): Promise<void> {
  await inWords(`Making the store ${places.root}`, 'destination', async () => {
    await makeIngestFolder(places)
    await makeFolderBelow(places.root, places.blobsFolder)
    if (!(await exists(places.indexFile))) await syncFolders(places)
  })
  if (!(await exists(places.indexFile))) await changeEntries(places, async (entries) => entries)
  if (await exists(places.layoutFile)) return
  await inWords(`Writing ${places.layoutFile}`, 'destination', () =>
    replaceFile(places.layoutFile, LAYOUT_BYTES),
  )
}

/** A killed run may have made them without syncing their names; if there is an index, they are synced. */
async function syncFolders({ root, blobsFolder }: Places): Promise<void> {
  await makeFolderBelow(root, path.join(blobsFolder, 'sha256'))
  for (const folder of [blobsFolder, root, path.dirname(root)]) await syncFolder(folder)
}

async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  )
}
