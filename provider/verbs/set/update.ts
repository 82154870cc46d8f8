import { inContext } from '../../session/context.js'
import { Failures } from '../../session/failures.js'
import { changesBetween } from '../../sets/changes.js'
import { lockFileOf, readLock, writeLock } from '../../sets/lock-file.js'
import { lockedImage, lockOf } from '../../sets/lock-of.js'
import { readSet } from '../../sets/read-set.js'
import { ofMeantNow } from './meant-now.js'
import type { SetRequest, SetUpdateResult } from './request.js'

/**
 * Updates the lock of a set to what the set means now, and reports the difference. No layer is fetched. If
 * one image cannot be found, the lock stays as it was: part of a set is not the set.
 * @throws SET_INVALID, NO_MATCH, network errors and more
 */
export async function setUpdate(request: Omit<SetRequest, 'keepGoing'>): Promise<SetUpdateResult> {
  const set = await readSet(request.path)
  const names = set.wishes.map(({ name }) => name)
  return await inContext({ ...request, names }, async (context) => {
    const before = await readLock(set)
    const { noReferrers, signal, whatIf } = request
    const failures = new Failures({ signal })
    const images = await ofMeantNow(context, set, request, failures, (image) =>
      lockedImage(image, { noReferrers, signal }),
    )
    const lock = lockOf(set, images)
    return {
      lock: lockFileOf(set),
      written: whatIf ? false : await writeLock(set, lock),
      images: lock.images.length,
      changes: changesBetween(before?.images ?? [], lock.images),
    }
  })
}
