import { existsSync } from 'node:fs'
import { type Descriptor, throwIfAborted } from '../../manifests/index.js'
import { inContext } from '../context/context.js'
import type { PruneRequest, PruneResult } from '../requests.js'
import { withoutArrivals } from '../store/arrivals.js'
import { changeEntries } from '../store/index-file.js'
import { removeBlobs, type SweptBlob, sweepLeftovers, unneededBlobs } from '../store/sweep.js'

/**
 * Removes the blobs that no entry of the store needs, and what interrupted runs left behind.
 * @throws STORE_LOCKED, LAYOUT_INVALID
 */
export async function prune(request: PruneRequest = {}): Promise<PruneResult> {
  return await inContext(request, async (context) => {
    const { places, ...store } = await context.store()
    if (request.whatIf) return result(await unneededBlobs(places, await store.entries()), 0)
    // Without a store there is nothing to lock either.
    if (!existsSync(places.layoutFile) && !existsSync(places.ingestFolder)) return result([], 0)
    let removed: SweptBlob[] = []
    let freedBesides = 0
    const sweep = async (entries: Descriptor[]): Promise<undefined> => {
      removed = await withoutArrivals(places, await unneededBlobs(places, entries))
      throwIfAborted(request.signal)
      await removeBlobs(places, removed)
      freedBesides = await sweepLeftovers(places)
      return undefined
    }
    await changeEntries(places, sweep, request.signal ? { signal: request.signal } : {})
    return result(removed, freedBesides)
  })
}

function result(removed: SweptBlob[], freedBesides: number): PruneResult {
  return { removed, freedBytes: removed.reduce((sum, blob) => sum + blob.size, 0) + freedBesides }
}
