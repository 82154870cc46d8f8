import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import {
  ContainerImageError,
  checkLayoutFile,
  type Descriptor,
  indexBytes,
  LAYOUT_BYTES,
} from '../../manifests/index.js'
import { replaceFile } from '../files/durable.js'
import { inWords } from '../files/system-errors.js'
import { EMPTY_INDEX, readEntries } from './index-file.js'
import { Places } from './places.js'

/** The local store: an OCI image layout in a folder (image-layout.md), which other tools read as it is. */
export interface Store {
  readonly places: Places
  /** What `index.json` lists; none where the store does not exist yet. @throws INVALID_DOCUMENT */
  entries(): Promise<Descriptor[]>
}

/**
 * The store in a folder. Nothing is made before something is written.
 * @throws LAYOUT_INVALID where the folder holds something else than a layout
 */
export async function openStore(root: string): Promise<Store> {
  const places = new Places(root)
  await checkIsStore(places)
  return { places, entries: () => readEntries(places) }
}

async function checkIsStore(places: Places): Promise<void> {
  const names = await readdir(places.root).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw notAStore(places, error.code === 'ENOTDIR' ? 'a file' : error.message)
  })
  if (names.length === 0) return
  try {
    checkLayoutFile(await readFile(places.layoutFile))
  } catch (error) {
    // A run that was killed while it made the store leaves these and nothing else.
    if (names.every((name) => name === 'ingest' || name === 'blobs' || name.startsWith('.oci-layout'))) return
    throw notAStore(places, (error as Error).message)
  }
}

function notAStore(places: Places, found: string): ContainerImageError {
  return new ContainerImageError('LAYOUT_INVALID', `${places.root} is not a store.`, {
    side: 'destination',
    expected: 'an OCI image layout, an empty folder, or none yet',
    found,
  })
}

/** Makes the folders and the fixed files of a store that is not there yet. @throws PERMISSION_DENIED, NO_SPACE */
export async function makeStore(places: Places): Promise<void> {
  await inWords(`Making the store ${places.root}`, 'destination', async () => {
    await mkdir(places.ingestFolder, { recursive: true })
    await mkdir(places.blobsFolder, { recursive: true })
    await writeFile(places.indexFile, indexBytes(EMPTY_INDEX), { flag: 'wx' }).catch(ignoreExisting)
    const layout = await readFile(places.layoutFile).catch(() => undefined)
    if (!layout) await replaceFile(places.layoutFile, LAYOUT_BYTES)
  })
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
