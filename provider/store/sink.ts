import { lstat, readdir } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, type Descriptor, type Digest } from '../../manifests/index.js'
import { isBadInput } from '../copy/bad-input.js'
import type { Content, CopyPlan, ImageSink, PlannedImage } from '../copy/ports.js'
import type { Lock } from '../io/files/lock.js'
import { sweepScratch } from '../io/files/scratch.js'
import { checkSpace } from '../io/files/space.js'
import type { Hasher } from '../io/hashing/hasher.js'
import { announceArrival } from './arrivals.js'
import { removeDeadLocks } from './dead-locks.js'
import { entriesFor } from './entries.js'
import { changeEntries } from './index-file.js'
import { hasBlob, ingest } from './ingest.js'
import { SmallBlobs } from './ingest-small.js'
import { type MovedName, withNames } from './moved-names.js'
import { makeStore, type Store } from './store.js'
import { takeBack } from './sweep.js'

export interface StoreSink extends ImageSink {
  /** Filled while names are given. */
  readonly moved: MovedName[]
}

export interface StoreSinkOptions {
  /** Copy existing blobs again: one of them may be damaged. */
  again?: boolean
  /**
   * Blobs that already arrived for this run in another way, or that its source does not carry: not copied
   * again.
   */
  fresh?: ReadonlySet<Digest>
  /** A caller that makes many copies saves what was checked once, after the last. */
  keepsLater?: boolean
}

/** The store as the sink of a copy. Blobs come first, one by one; the names come last, in one step. */
export function storeSink(
  store: Store,
  hasher: Hasher,
  { again = false, fresh = new Set(), keepsLater = false }: StoreSinkOptions = {},
): StoreSink {
  const { places, checked, layers } = store
  const moved: MovedName[] = []
  const small = new SmallBlobs(store)
  let planned: CopyPlan | undefined
  let arrival: Lock | undefined
  let signal: AbortSignal | undefined
  /** Blobs that this copy has written completely; and those of them that were not there before. */
  const written = new Set<Digest>(fresh)
  const added = new Set<Digest>()
  /** Those that the copy itself has written and checked. */
  const brought = new Set<Digest>()
  const giveNames = (images: readonly PlannedImage[]): Promise<void> =>
    changeEntries(places, async (before) => {
      await checkComplete(store, planned?.contents ?? [])
      await small.settle()
      const named = await withNames(places, before, images.flatMap(entriesFor))
      moved.push(...named.moved)
      return named.entries
    })
  return {
    label: places.root,
    moved,
    async begin(plan: CopyPlan, options) {
      signal = options?.signal
      planned = plan
      await checkSpace(places.root, await bytesMissing(store, plan))
      await makeStore(places)
      await removeDeadLocks(places)
      await sweepScratch(places.ingestFolder)
      await small.begin()
      arrival = await announceArrival(places)
    },
    async has(descriptor) {
      return (!again || written.has(descriptor.digest)) && (await checked.has(descriptor, hasher, signal))
    },
    async write(content: Content) {
      const { descriptor } = content
      if (!(await hasBlob(places, descriptor))) added.add(descriptor.digest)
      if (small.takes(content)) await small.add(content)
      else await ingest(store, content, hasher, { again })
      written.add(descriptor.digest)
      brought.add(descriptor.digest)
    },
    async knowsLayer(descriptor, diffId) {
      const { digest } = descriptor
      // A layer that was made for this run was checked when it was made, if the config names it by the digest
      // that it got.
      if (brought.has(digest) || (fresh.has(digest) && digest === diffId)) return true
      // One that was never measured is looked into once more, so that its size can be shown.
      return (await layers.has(descriptor, diffId)) && (await checked.unpacked(digest)) !== undefined
    },
    measured: ({ digest }, bytes, expected) => checked.noteLayer(digest, bytes, expected),
    async locateWritten({ digest, size }) {
      return { path: places.blob(digest), offset: 0, size }
    },
    tag: (image) => giveNames([image]),
    tagAll: giveNames,
    async commit() {
      if (planned) layers.learn(planned)
      if (!keepsLater) await checked.keep()
      await arrival?.release()
    },
    async abort(error) {
      // The original error is what the user has to see, whatever else goes wrong.
      await small.settle().catch(() => {})
      if (isBadInput(error)) await takeBack(places, added).catch(() => {})
      await arrival?.release()
    },
  }
}

async function bytesMissing(store: Store, plan: CopyPlan): Promise<number> {
  let missing = 0
  const begun = new Set(await readdir(store.places.ingestFolder).catch(() => []))
  for (const descriptor of plan.contents) {
    if ((await store.checked.known(descriptor)) !== false) continue
    const part = store.places.ingest(descriptor.digest)
    const there = begun.has(path.basename(part)) ? await lstat(part).catch(() => undefined) : undefined
    missing += Math.max(0, descriptor.size - (there?.size ?? 0))
  }
  return missing
}

/**
 * Another process may have pruned blobs that have just arrived and that nothing names yet.
 * @throws CHANGED_MEANWHILE, upon which they are copied again
 */
async function checkComplete(store: Store, planned: readonly Descriptor[]): Promise<void> {
  for (const descriptor of planned)
    if (!(await hasBlob(store.places, descriptor)))
      throw new ContainerImageError('CHANGED_MEANWHILE', `Blob ${descriptor.digest} was removed meanwhile.`, {
        side: 'destination',
        expected: `${descriptor.size} bytes`,
        found: 'nothing',
        details: { digest: descriptor.digest },
      })
}
