import { existsSync } from 'node:fs'
import { command, type Descriptor, option, throwIfAborted } from '../../../manifests/index.js'
import { relistMedia } from '../../formats/media/relist.js'
import type { Lock } from '../../io/files/lock.js'
import { type Context, inContext } from '../../session/context.js'
import { withoutArrivals } from '../../store/arrivals.js'
import { closureOf, damagedDocuments } from '../../store/closure.js'
import { removeSilentLocks } from '../../store/dead-locks.js'
import { refNameOf } from '../../store/entries.js'
import { imagesFolder } from '../../store/expand/image-folders.js'
import { sweepFolders } from '../../store/expand/sweep-folders.js'
import { changeEntries } from '../../store/index-file.js'
import type { Places } from '../../store/places.js'
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
    const unneeded = async (entries: Descriptor[]): Promise<SweptBlob[]> =>
      (await isWhole(context, places, entries)) ? await unneededBlobs(places, entries) : []
    if (request.whatIf) return result(await unneeded(await store.entries()), 0)
    // Without a store there is nothing to lock.
    if (!existsSync(places.layoutFile) && !existsSync(places.ingestFolder)) return result([], 0)
    const { signal } = request
    // Before locking the index, as it may take a while.
    await removeSilentLocks(places, { signal })
    let removed: SweptBlob[] = []
    let freedBesides = 0
    const sweep = async (entries: Descriptor[], lock: Lock): Promise<undefined> => {
      removed = await withoutArrivals(places, await unneeded(entries))
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

/** Below a damaged manifest nobody knows what is needed: its layers may be intact, and hard to get again. */
async function isWhole(context: Context, places: Places, entries: Descriptor[]): Promise<boolean> {
  const all = await closureOf(places, entries)
  const damaged = await damagedDocuments(places, entries, all.values())
  const wrong = new Set(damaged.map(({ digest }) => digest))
  const names = entries
    .filter(({ digest }) => wrong.has(digest))
    .map((entry) => refNameOf(entry) ?? entry.digest)
  if (damaged.length > 0)
    context.note(
      `No blob is removed, as documents are damaged${names.length > 0 ? ` of ${names.join(', ')}` : ''}: first run ${command('store', 'check', option('repair'))}, or take these images away.`,
    )
  return damaged.length === 0
}

function result(removed: SweptBlob[], freedBesides: number): PruneResult {
  return { removed, freedBytes: removed.reduce((sum, blob) => sum + blob.size, 0) + freedBesides }
}
