import { existsSync } from 'node:fs'
import { type Descriptor, type ImageIndex, indexBytes, MEDIA_TYPES } from '../../manifests/index.js'
import { renameUnder, replaceFile } from '../io/files/durable.js'
import { inWords } from '../io/files/system-errors.js'
import { WHOLE_NAMES } from '../names/origin-names.js'
import { takeIngestLock } from './ingest-lock.js'
import type { Places } from './places.js'
import { entriesOrWrong } from './whole-index.js'

/**
 * Writes the index of a store again that is lost or damaged; a damaged one gets another name, as it may be all that tells
 * of some names. One that another process has put right meanwhile stays.
 * @returns where the damaged one is now; undefined where there was none
 * @throws STORE_LOCKED, NO_SPACE, IN_THE_WAY, LOCK_LOST
 */
export async function writeLostIndex(
  places: Places,
  manifests: Descriptor[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  const file = places.indexFile
  const lock = await takeIngestLock(places, places.indexLock, signal ? { signal } : {})
  try {
    if (!(await entriesOrWrong(places)).wrong) return undefined
    const aside = existsSync(file) ? freeName(file) : undefined
    await inWords(`Writing ${file}`, 'destination', async () => {
      if (aside !== undefined) await renameUnder(lock, file, aside)
      const index: ImageIndex = {
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.ociIndex,
        manifests,
        annotations: WHOLE_NAMES,
      }
      await replaceFile(file, indexBytes(index), { lock })
    })
    return aside
  } finally {
    await lock.release()
  }
}

function freeName(file: string): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? `${file}.damaged` : `${file}.damaged-${number}`
    if (!existsSync(name)) return name
  }
}
