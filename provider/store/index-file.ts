import { readFile } from 'node:fs/promises'
import {
  type Descriptor,
  type ImageIndex,
  indexBytes,
  MEDIA_TYPES,
  parseIndex,
} from '../../manifests/index.js'
import { makeFolder, replaceFile } from '../files/durable.js'
import { type LockOptions, takeLock } from '../files/lock.js'
import { fromSystem, inWords } from '../files/system-errors.js'
import { parsed } from '../verified/documents.js'
import type { Places } from './places.js'

/** The store's entries; none where there is no store yet. @throws INVALID_DOCUMENT */
export async function readEntries(places: Places): Promise<Descriptor[]> {
  try {
    const bytes = await readFile(places.indexFile)
    return parsed(places.indexFile, () => parseIndex(bytes), 'destination').manifests
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw fromSystem(error, `Reading ${places.indexFile}`, 'destination')
  }
}

/**
 * Changes the store's entries under the lock: reads them, lets `change` make new ones, and replaces the file
 * in one step. Where `change` returns undefined the file stays as it is.
 * @throws STORE_LOCKED, NO_SPACE, INVALID_DOCUMENT, and what `change` throws
 */
export async function changeEntries(
  places: Places,
  change: (entries: Descriptor[]) => Promise<Descriptor[] | undefined>,
  options: LockOptions = {},
): Promise<void> {
  // A layout that another program made has no such folder.
  await inWords(`Writing ${places.root}`, 'destination', () => makeFolder(places.ingestFolder))
  const lock = await takeLock(places.indexLock, options)
  try {
    const changed = await change(await readEntries(places))
    if (!changed) return
    const index: ImageIndex = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: changed }
    await inWords(`Writing ${places.indexFile}`, 'destination', () =>
      replaceFile(places.indexFile, indexBytes(index)),
    )
  } finally {
    await lock.release()
  }
}
