import { stat } from 'node:fs/promises'
import path from 'node:path'
import { type Descriptor, formatPlatform, INDEX_FILE, throwIfAborted } from '../../../manifests/index.js'
import { folderMembers } from '../../archives/members/folder.js'
import { sumOf } from '../../formats/media/blob-sums.js'
import { carriedDeltas } from '../../formats/media/delta.js'
import { finishMedia } from '../../formats/media/finish.js'
import { mediaLists } from '../../formats/media/lists.js'
import { whileListing } from '../../formats/media/lock.js'
import { besidesBefore, type Media, openMedia } from '../../formats/media/media.js'
import type { Lock } from '../../io/files/lock.js'
import { removePath } from '../../io/files/rename-and-remove.js'
import type { Context } from '../../session/context.js'
import { sorted } from '../../store/entries.js'
import { shownName, type TaggedImage, taggedImages } from '../../store/images.js'
import { changeEntries } from '../../store/index-file.js'
import { withoutOrphans } from '../../store/orphans.js'
import type { Store } from '../../store/store.js'
import { listBlobs, unneededBlobs } from '../../store/sweep.js'
import { mediaSummary, tellBesides } from '../save/finished-media.js'
import { sbomsAmong } from '../save/sbom-names.js'
import { checkIsMedia } from './check-is-media.js'
import type { MediaRemoveResult } from './request.js'

/**
 * Which names are removed from a media.
 * @param wasRenewed an earlier run was killed before it could make new lists; what it was to remove is gone
 */
export type ChooseNames = (images: TaggedImage[], wasRenewed: boolean) => TaggedImage[]

/**
 * Removes names from a media, then the blobs that nothing names any more, with signatures of what is gone,
 * and lists the rest again. If it is killed at any point, running the same command again completes it.
 * @throws PATH_NOT_FOUND, LAYOUT_INVALID if there is no media; what `choose` throws; LOCK_LOST
 */
export async function removeFromMedia(
  context: Context,
  place: string,
  choose: ChooseNames,
): Promise<MediaRemoveResult> {
  const root = path.resolve(place)
  await checkIsMedia(root, place)
  const media = await openMedia(root)
  if (context.options.whatIf) return await tellWhatWould(media, choose)
  return await whileListing(media, context.options.signal, (lock) => removeNow(context, media, choose, lock))
}

async function tellWhatWould({ store, root }: Media, choose: ChooseNames): Promise<MediaRemoveResult> {
  const { rows, staying, remaining } = await planned(store, await store.entries(), (images) =>
    choose(images, false),
  )
  const carried = await carriedDeltas(root)
  const going = (await unneededBlobs(store.places, remaining)).filter(({ digest }) => !carried.has(digest))
  return { removed: summed(rows, staying), freedBytes: going.reduce((sum, { size }) => sum + size, 0) }
}

async function removeNow(
  context: Context,
  media: Media,
  choose: ChooseNames,
  lock: Lock,
): Promise<MediaRemoveResult> {
  const { store, root } = media
  const { signal } = context.options
  const before = await bytesOf(media)
  const besides = await besidesBefore(root)
  const wasRenewed = await isStale(context, root, besides)
  let result: Removal | undefined
  await changeEntries(
    store.places,
    async (entries, index) => {
      result = await planned(store, entries, (images) => choose(images, wasRenewed))
      throwIfAborted(signal)
      await Promise.all([lock.check(), index.check()])
      return result.rows.length > 0 ? result.remaining : undefined
    },
    { signal },
  )
  await removeSboms(root, besides.keys(), result)
  const finished = await finishMedia(media, { hasher: context.hasher, besides, lock, signal })
  if (wasRenewed)
    context.note('An earlier run was stopped before it had listed what is on the media: it is listed now.')
  tellBesides(context, finished)
  return {
    removed: result ? summed(result.rows, result.staying) : [],
    freedBytes: before - (await bytesOf(media)),
    media: mediaSummary(root, finished.list),
  }
}

/** Those of images that have no names left. */
async function removeSboms(
  root: string,
  listed: Iterable<string>,
  removal: Removal | undefined,
): Promise<void> {
  const files = [...listed]
  const { rows = [], staying = [] } = removal ?? {}
  const kept = new Set(staying.flatMap((image) => sbomsAmong(files, image)))
  const going = new Set(rows.flatMap((image) => sbomsAmong(files, image)))
  for (const file of going) if (!kept.has(file)) await removePath(path.join(root, file))
}

/** Whether the index is not the one that the media lists, or its lists differ: a run was killed in between. */
async function isStale(
  { hasher }: Context,
  root: string,
  listed: ReadonlyMap<string, string | undefined>,
): Promise<boolean> {
  const { size } = await stat(path.join(root, INDEX_FILE))
  if ((await sumOf(root, INDEX_FILE, size, hasher)) !== listed.get(INDEX_FILE)) return true
  const lists = await mediaLists(folderMembers(root))
  return lists === undefined || lists.problems.length > 0
}

async function bytesOf({ store }: Media): Promise<number> {
  return (await listBlobs(store.places)).reduce((sum, { size }) => sum + size, 0)
}

interface Removal {
  rows: TaggedImage[]
  staying: TaggedImage[]
  remaining: Descriptor[]
}

async function planned(
  store: Store,
  entries: Descriptor[],
  choose: (images: TaggedImage[]) => TaggedImage[],
): Promise<Removal> {
  const images = await taggedImages({ ...store, entries: async () => entries })
  const rows = choose(images)
  const gone = new Set(rows.map(({ entry }) => entry))
  const kept = entries.filter((entry) => !gone.has(entry))
  const remaining = gone.size > 0 ? sorted(await withoutOrphans(store.places, kept, [...gone])) : kept
  return { rows, staying: images.filter((image) => !gone.has(image.entry)), remaining }
}

/** One for each image, with all names that it loses. */
function summed(rows: TaggedImage[], staying: TaggedImage[]): MediaRemoveResult['removed'] {
  const found = new Map<string, MediaRemoveResult['removed'][number]>()
  for (const { fullName, digest, name, version, refName, platform } of rows) {
    const key = `${fullName} ${digest}`
    const tags = refName === '' ? [] : [refName]
    const known = found.get(key)
    if (known) known.tags.push(...tags)
    else {
      const left = staying.filter((other) => other.digest === digest).map(shownName)
      const remaining = left.length > 0 ? left : undefined
      found.set(key, { name, version, platform: formatPlatform(platform), digest, tags, remaining })
    }
  }
  return [...found.values()]
}
