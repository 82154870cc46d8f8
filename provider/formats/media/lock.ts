import path from 'node:path'
import { type Lock, UNTIL_DONE_MS } from '../../io/files/lock.js'
import { removeEmpty } from '../../io/files/rename-and-remove.js'
import { takeIngestLock } from '../../store/ingest-lock.js'
import type { Media } from './media.js'
import { INGEST_FOLDER } from './walk-files.js'

/** The lock for the lists and the page, relative to the media; `leftovers.ts` knows it, too. */
export const MEDIA_LOCK = `${INGEST_FOLDER}/media.lock`

/**
 * Changes the lists of a media while no other process does: two that save onto one stick at once, or one that
 * saves while another removes, take turns, and the last one lists everything.
 * @throws LOCK_LOST, IN_THE_WAY, INTERRUPTED
 */
export async function whileListing<T>(
  { root, store }: Media,
  signal: AbortSignal | undefined,
  work: (lock: Lock) => Promise<T>,
): Promise<T> {
  const { places } = store
  const file = path.join(root, ...MEDIA_LOCK.split('/'))
  const lock = await takeIngestLock(places, file, { signal, patience: UNTIL_DONE_MS })
  try {
    return await work(lock)
  } finally {
    await lock.release()
    // If another process is at work it is not empty, and stays.
    await removeEmpty(places.ingestFolder).catch(() => {})
  }
}
