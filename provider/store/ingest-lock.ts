import { hasCode } from '../../manifests/index.js'
import { type Lock, type LockOptions, takeLock } from '../io/files/lock.js'
import { makeIngestFolder } from './folders.js'
import type { Places } from './places.js'

/** How often the folder may vanish just before the lock is made in it. */
const ATTEMPTS = 10

/**
 * Takes a lock in the folder for incoming blobs, which is created if it is not there: finishing a media
 * removes it when it is empty, perhaps at this very moment.
 * @throws as `takeLock`; IN_THE_WAY
 */
export async function takeIngestLock(places: Places, file: string, options: LockOptions = {}): Promise<Lock> {
  for (let attempt = 1; ; attempt++) {
    await makeIngestFolder(places)
    try {
      return await takeLock(file, options)
    } catch (error) {
      if (!hasCode(error, 'PATH_NOT_FOUND') || attempt === ATTEMPTS) throw error
    }
  }
}
