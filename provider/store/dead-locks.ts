import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { type LockOptions, removeSilent } from '../io/files/lock.js'
import { removeUnlocked } from '../io/files/remove-unlocked.js'
import { leftoverOf } from './leftovers.js'
import type { Places } from './places.js'

/** Of blobs, of layers being made, and of sets of volumes that arrive. */
const OF_WHAT_ARRIVES = /^(sha\d+|made|set)-[0-9a-f]+(\.gz)?\.lock$/

/**
 * Removes the locks of blobs and sets whose holders are known to be dead. A process that fetches the same blob would
 * take over such a lock; but nobody fetches a blob that was finished before its process died.
 */
export async function removeDeadLocks(places: Places): Promise<void> {
  const names = await readdir(places.ingestFolder).catch(() => [])
  for (const name of names.filter((one) => OF_WHAT_ARRIVES.test(one)))
    await removeUnlocked(path.join(places.ingestFolder, name.replace(/\.lock$/, '')), 'lock')
}

/**
 * Removes all locks in the ingest folder that nobody holds any more, and waits if only their silence can
 * tell: those of a killed container or host would otherwise keep what they protect for ever.
 * @throws INTERRUPTED
 */
export async function removeSilentLocks(places: Places, options: LockOptions = {}): Promise<void> {
  const names = await readdir(places.ingestFolder).catch(() => [])
  const locks = names.filter((name) => name.endsWith('.lock') && leftoverOf(name))
  await Promise.all(locks.map((name) => removeSilent(path.join(places.ingestFolder, name), options)))
}
