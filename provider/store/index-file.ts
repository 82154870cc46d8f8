import { readFile } from 'node:fs/promises'
import {
  type Descriptor,
  type ImageIndex,
  indexBytes,
  MEDIA_TYPES,
  parseIndex,
} from '../../manifests/index.js'
import { replaceFile } from '../files/durable.js'
import { type LockOptions, takeLock } from '../files/lock.js'
import { fromSystem } from '../files/system-errors.js'
import type { Places } from './places.js'

/** An index without manifests, as a new store has it. */
export const EMPTY_INDEX: ImageIndex = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [] }

/** The store's entries; none where there is no store yet. @throws INVALID_DOCUMENT */
export async function readEntries(places: Places): Promise<Descriptor[]> {
  try {
    return parseIndex(await readFile(places.indexFile)).manifests
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
  const lock = await takeLock(places.indexLock, options)
  try {
    const changed = await change(await readEntries(places))
    if (!changed) return
    const index: ImageIndex = { ...EMPTY_INDEX, manifests: changed }
    await replaceFile(places.indexFile, indexBytes(index)).catch((error) => {
      throw fromSystem(error, `Writing ${places.indexFile}`, 'destination')
    })
  } finally {
    await lock.release()
  }
}
