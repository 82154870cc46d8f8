import { existsSync } from 'node:fs'
import { type Descriptor, throwIfAborted } from '../../../manifests/index.js'
import { relistMedia } from '../../formats/media/relist.js'
import type { Lock } from '../../io/files/lock.js'
import { inContext } from '../../session/context.js'
import { withoutArrivals } from '../../store/arrivals.js'
import { removeSilentLocks } from '../../store/dead-locks.js'
import { imagesFolder } from '../../store/expand/image-folders.js'
import { sweepFolders } from '../../store/expand/sweep-folders.js'
import { changeEntries } from '../../store/index-file.js'
import { removeBlobs, type SweptBlob, sweepLeftovers, unneededBlobs } from '../../store/sweep.js'
import type { PruneRequest, PruneResult } from './request.js'

/**
 * Removes the blobs that no entry of the store needs, and what interrupted runs left behind, including beside
 * the folders of images.
 * @throws STORE_LOCKED, LAYOUT_INVALID
 */
export async function prune(request: PruneRequest = {}): Promise<PruneResult> {
  return await inContext(request, async (context) => {
    const { places, ...store } = await context.store()
    if (request.whatIf) return result(await unneededBlobs(places, await store.entries()), 0)
    // Without a store there is nothing to lock.
    if (!existsSync(places.layoutFile) && !existsSync(places.ingestFolder)) return result([], 0)
    const { signal } = request
    // Before locking the index, as it may take a while.
    await removeSilentLocks(places, { signal })
    let removed: SweptBlob[] = []
    let freedBesides = 0
    const sweep = async (entries: Descriptor[], lock: Lock): Promise<undefined> => {
      removed = await withoutArrivals(places, await unneededBlobs(places, entries))
      throwIfAborted(signal)
      await removeBlobs(places, removed, lock)
      freedBesides = await sweepLeftovers(places)
      return undefined
    }
    await changeEntries(places, sweep, { signal })
    freedBesides += await sweepFolders(imagesFolder(places.root))
    if (removed.length > 0) await relistMedia(places.root, { hasher: context.hasher, signal })
    return result(removed, freedBesides)
  })
}

function result(removed: SweptBlob[], freedBesides: number): PruneResult {
  return { removed, freedBytes: removed.reduce((sum, blob) => sum + blob.size, 0) + freedBesides }
}
