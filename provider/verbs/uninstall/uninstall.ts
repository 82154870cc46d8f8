import { groupedBy } from '../../../manifests/groups.js'
import { type Descriptor, impossible, present, throwIfAborted } from '../../../manifests/index.js'
import { relistMedia } from '../../formats/media/relist.js'
import { inContext } from '../../session/context.js'
import { withoutArrivals } from '../../store/arrivals.js'
import { sorted } from '../../store/entries.js'
import {
  folderOfGone,
  type GoneFolder,
  type GoneImage,
  removeSetAside,
  setFolderAside,
} from '../../store/expand/take-away.js'
import { shownName, type TaggedImage, taggedImages } from '../../store/images.js'
import { changeEntries } from '../../store/index-file.js'
import { notInstalled } from '../../store/not-installed.js'
import { withoutOrphans } from '../../store/orphans.js'
import { makeStore, type Store } from '../../store/store.js'
import { removeBlobs, type SweptBlob, unneededBlobs } from '../../store/sweep.js'
import { chosenRows, described } from './chosen-rows.js'
import { movedLatest } from './moved-latest.js'
import { refuseDependents } from './refuse-dependents.js'
import type { UninstallRequest, UninstallResult } from './request.js'

/**
 * Removes names, and an image with its last one: its blobs that no other image uses. If all names of a
 * package are removed, `latest` moves to the newest remaining version. The folder that an image was laid out
 * in beside the store is removed with it, unless another store uses it too. @throws NOT_INSTALLED;
 * AMBIGUOUS_NAME if several versions match and none was chosen; IN_USE if other images are built on it,
 * unless forced
 */
export async function uninstall(request: UninstallRequest): Promise<UninstallResult> {
  if (request.engine) {
    const { uninstallFromEngine } = await import('./uninstall-from-engine.js')
    return await uninstallFromEngine(request)
  }
  return await inContext(request, async (context) => {
    const store = await context.store()
    if ((await store.entries()).length === 0) throw notInstalled(described(request), [])
    if (request.whatIf) return await tellWhatWould(store, request)
    await makeStore(store.places)
    const result = await removeNow(store, request)
    await relistMedia(store.places.root, { hasher: context.hasher, signal: request.signal })
    return result
  })
}

async function tellWhatWould(store: Store, request: UninstallRequest): Promise<UninstallResult> {
  const { result } = await planRemoval(store, await store.entries(), request)
  return withFolders(
    result,
    goneImages(result).map((image) => folderOfGone(image, store.places.root)),
  )
}

/** A name may mean several images, but has one folder; an image that keeps another name keeps it. */
function goneImages({ removed }: UninstallResult): GoneImage[] {
  const gone = removed.filter(({ fullName, remaining }) => fullName !== '' && remaining === undefined)
  return [...new Set(gone.map(({ fullName }) => fullName))].map((fullName) => ({
    fullName,
    digests: new Set(gone.filter((image) => image.fullName === fullName).map(({ digest }) => digest)),
  }))
}

function withFolders(result: UninstallResult, folders: (GoneFolder | undefined)[]): UninstallResult {
  const expanded = folders.flatMap((one) => (one && !one.stays ? [{ path: one.path, bytes: one.bytes }] : []))
  const kept = folders.flatMap((one) => (one?.stays ? [{ path: one.path, stores: one.stores }] : []))
  return {
    ...result,
    ...(expanded.length > 0 ? { expanded } : {}),
    ...(kept.length > 0 ? { kept } : {}),
  }
}

async function removeNow(store: Store, request: UninstallRequest): Promise<UninstallResult> {
  let planned: Removal | undefined
  const { root } = store.places
  const folders: (GoneFolder | undefined)[] = []
  await changeEntries(
    store.places,
    async (entries, lock) => {
      planned = await planRemoval(store, entries, request)
      throwIfAborted(request.signal)
      // Before the names: after a failure on a folder in use, or a kill here, the image can be uninstalled
      // again.
      await lock.check()
      for (const image of goneImages(planned.result))
        folders.push(await setFolderAside(image, root, request.signal))
      return planned.remaining
    },
    { signal: request.signal },
  )
  if (!planned) impossible('Nothing was planned.')
  // The names go first: killed here, the store is whole, and prune frees the rest.
  await changeEntries(store.places, async (entries, lock) => {
    const unneeded = new Set((await unneededBlobs(store.places, entries)).map((blob) => blob.digest))
    const blobs = planned?.blobs.filter((blob) => unneeded.has(blob.digest)) ?? []
    await removeBlobs(store.places, await withoutArrivals(store.places, blobs), lock)
    return undefined
  })
  for (const image of goneImages(planned.result)) await removeSetAside(image, root)
  return withFolders(planned.result, folders)
}

interface Removal {
  remaining: Descriptor[]
  blobs: SweptBlob[]
  result: UninstallResult
}

async function planRemoval(store: Store, entries: Descriptor[], request: UninstallRequest): Promise<Removal> {
  const images = await taggedImages({ ...store, entries: async () => entries })
  const { rows, ofPackages } = chosenRows(images, request)
  const chosen = new Set(rows)
  const staying = images.filter((image) => !chosen.has(image))
  const digests = new Set(staying.map(({ digest }) => digest))
  const going = rows.filter((image) => !digests.has(image.digest))
  if (!request.force) refuseDependents(going, images)
  const gone = new Set(rows.map((image) => image.entry))
  const kept = entries.filter((entry) => !gone.has(entry))
  const moved = movedLatest(ofPackages, rows, images)
  const withMoved = [...kept, ...moved.map((move) => move.entry)]
  const remaining = sorted(await withoutOrphans(store.places, withMoved, [...gone]))
  const before = new Set((await unneededBlobs(store.places, entries)).map((blob) => blob.digest))
  const blobs = (await unneededBlobs(store.places, remaining)).filter((blob) => !before.has(blob.digest))
  return {
    remaining,
    blobs,
    result: present({
      removed: summed(rows, staying),
      freedBytes: blobs.reduce((sum, blob) => sum + blob.size, 0),
      latest:
        moved.length > 0 ? moved.map(({ tag, digest, version }) => ({ tag, digest, version })) : undefined,
    }),
  }
}

/** @param staying other names that an image may still have */
function summed(rows: TaggedImage[], staying: TaggedImage[]): UninstallResult['removed'] {
  const found = new Map<string, UninstallResult['removed'][number]>()
  const stayingOf = groupedBy(staying, ({ digest }) => digest)
  for (const image of rows) {
    const { fullName, digest, name, version, refName } = image
    const tags = refName === '' ? [] : [refName]
    const known = found.get(`${fullName} ${digest}`)
    if (known) known.tags.push(...tags)
    else {
      const left = (stayingOf.get(digest) ?? []).map(shownName)
      const remaining = left.length > 0 ? { remaining: left } : {}
      found.set(`${fullName} ${digest}`, { name, version, fullName, digest, tags, ...remaining })
    }
  }
  return [...found.values()]
}
