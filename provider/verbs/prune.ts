import type { Descriptor } from '../../manifests/index.js'
import { inContext } from '../context/context.js'
import type { PruneRequest, PruneResult } from '../requests.js'
import { changeEntries } from '../store/index-file.js'
import { removeBlobs, type SweptBlob, sweepIngest, unneededBlobs } from '../store/sweep.js'

/**
 * Removes the blobs that no entry of the store needs, and what interrupted runs left behind.
 * @throws STORE_LOCKED, LAYOUT_INVALID
 */
export async function prune(request: PruneRequest = {}): Promise<PruneResult> {
  return await inContext(request, async (context) => {
    const { places, ...store } = await context.store()
    if (request.whatIf) return result(await unneededBlobs(places, await store.entries()), 0)
    let removed: SweptBlob[] = []
    const sweep = async (entries: Descriptor[]): Promise<undefined> => {
      removed = await unneededBlobs(places, entries)
      await removeBlobs(places, removed)
      return undefined
    }
    // Without a store there is nothing to lock either.
    if ((await store.entries()).length === 0 && (await unneededBlobs(places, [])).length === 0)
      return result([], 0)
    await changeEntries(places, sweep, request.signal ? { signal: request.signal } : {})
    return result(removed, await sweepIngest(places))
  })
}

function result(removed: SweptBlob[], freedBesides: number): PruneResult {
  return { removed, freedBytes: removed.reduce((sum, blob) => sum + blob.size, 0) + freedBesides }
}
