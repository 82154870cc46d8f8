import {
  type Descriptor,
  type ImageIndex,
  indexBytes,
  inUtf8,
  LIMITS,
  MEDIA_TYPES,
  parseIndex,
} from '../../manifests/index.js'
import { parsed } from '../copy/documents.js'
import { replaceFile } from '../io/files/durable.js'
import type { Lock, LockOptions } from '../io/files/lock.js'
import { documentThere } from '../io/files/read-document.js'
import { inWords } from '../io/files/system-errors.js'
import { entriesOf, WHOLE_NAMES } from '../names/origin-names.js'
import { takeIngestLock } from './ingest-lock.js'
import type { Places } from './places.js'

/** The store's entries; none if there is no store yet. @throws INVALID_DOCUMENT */
export async function readEntries(places: Places): Promise<Descriptor[]> {
  const bytes = await documentThere(places.indexFile, LIMITS.indexBytes, 'destination')
  if (!bytes) return []
  const last = lastRead.get(places)
  if (last?.bytes.equals(bytes)) return [...last.entries]
  const entries = entriesOf(parsed(places.indexFile, () => parseIndex(inUtf8(bytes)), 'destination'))
  lastRead.set(places, { bytes, entries })
  return [...entries]
}

/** What was parsed or written last: a run that brings a thousand images one by one would parse the same bytes over and over. */
const lastRead = new WeakMap<Places, { bytes: Buffer; entries: readonly Descriptor[] }>()

/**
 * Changes the store's entries under the lock: reads them, lets `change` make new ones, and replaces the file
 * in one step. If `change` returns undefined the file stays as it is. Anything else that it does happens
 * under the lock.
 * @throws STORE_LOCKED, NO_SPACE, INVALID_DOCUMENT, IN_THE_WAY, and what `change` throws
 */
export async function changeEntries(
  places: Places,
  change: (entries: Descriptor[], lock: Lock) => Promise<Descriptor[] | undefined>,
  options: LockOptions = {},
): Promise<void> {
  const lock = await takeIngestLock(places, places.indexLock, options)
  try {
    const changed = await change(await readEntries(places), lock)
    if (!changed) return
    const index: ImageIndex = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociIndex,
      manifests: changed,
      annotations: WHOLE_NAMES,
    }
    const bytes = indexBytes(index)
    await inWords(`Writing ${places.indexFile}`, 'destination', () =>
      replaceFile(places.indexFile, bytes, { lock }),
    )
    lastRead.set(places, { bytes, entries: changed })
  } finally {
    await lock.release()
  }
}
