import { lstat } from 'node:fs/promises'
import path from 'node:path'
import {
  type DeltaList,
  MEDIA_FILE,
  type MediaFile,
  type MediaImage,
  type MediaList,
  mediaListBytes,
  PAGE_FILE,
  SUMS_FILE,
  sumsBytes,
} from '../../../manifests/index.js'
import { replaceFile } from '../../io/files/durable.js'
import { holdsBytes } from '../../io/files/read-document.js'
import { removeEmpty } from '../../io/files/rename-and-remove.js'
import { inWords } from '../../io/files/system-errors.js'
import type { Hasher } from '../../io/hashing/hasher.js'
import { withoutArrivals } from '../../store/arrivals.js'
import { changeEntries } from '../../store/index-file.js'
import { removeBlobs, sweepLeftovers, unneededBlobs } from '../../store/sweep.js'
import { sumFiles } from './blob-sums.js'
import { noteDelta } from './delta.js'
import { describeMedia } from './describe.js'
import { isOfLayout } from './files-of-layout.js'
import type { Media } from './media.js'
import { type PageImage, page } from './page/page.js'
import { walkFiles } from './walk-files.js'

/** The program as one file, where a media carries it; the starters look for this name. */
export const TOOL_FILE = 'containerimage.mjs'

export interface FinishOptions {
  hasher: Hasher
  /**
   * Files that were put beside the layout, and are listed, by their paths; with the sum that one must still have, where
   * it was not written by this save. Every other file is nobody's.
   */
  besides: ReadonlyMap<string, string | undefined>
  /** What was left out now, as the other side has it. */
  delta?: DeltaList
  signal?: AbortSignal
}

/** A media that is whole: its list, and what lies on it and is not its own. */
export interface FinishedMedia {
  list: MediaList
  extra: string[]
}

/**
 * Writes the page and the lists of a media after its blobs, each in one step and the sums last; what an
 * earlier image needed and no image needs any more is removed. The same content gives the same bytes.
 */
export async function finishMedia(media: Media, options: FinishOptions): Promise<FinishedMedia> {
  const { root, store } = media
  const delta = await noteDelta(media, options.hasher, options.delta)
  await sweep(media, delta)
  const images = await describeMedia(store)
  const found = await walkFiles(root)
  const own = found.filter(
    ({ path: file, size }) => size !== undefined && (isOfLayout(file) || isBeside(file, options.besides)),
  )
  const summed = await sumFiles(root, own, options.hasher, options.signal)
  const files = summed.filter(
    ({ path: file, sha256 }) => isOfLayout(file) || (options.besides.get(file) ?? sha256) === sha256,
  )
  await write(root, PAGE_FILE, page({ images, files, command: commandOf(options), delta }))
  const withPage = await withSum(media, files, PAGE_FILE, options)
  const list: MediaList = { mediaVersion: 1, images: images.map(listed), files: withPage }
  await write(root, MEDIA_FILE, mediaListBytes(list))
  await write(root, SUMS_FILE, sumsBytes(await withSum(media, withPage, MEDIA_FILE, options)))
  const known = new Set([...list.files.map((file) => file.path), MEDIA_FILE, SUMS_FILE])
  return { list, extra: found.map((file) => file.path).filter((file) => !known.has(file)) }
}

/** Under the index lock, so that nothing is removed that another process names just now. */
async function sweep({ store }: Media, delta?: DeltaList): Promise<void> {
  const { places } = store
  const carried = new Set(delta?.missing.map((blob) => blob.delta?.digest))
  await changeEntries(places, async (entries, lock) => {
    const unneeded = (await unneededBlobs(places, entries)).filter(({ digest }) => !carried.has(digest))
    await removeBlobs(places, await withoutArrivals(places, unneeded), lock)
    await sweepLeftovers(places)
    return undefined
  })
  // Where another process is at work it is not empty, and stays.
  await removeEmpty(places.ingestFolder).catch(() => {})
}

/** How the program is started on the other side. */
function commandOf({ besides }: FinishOptions): string {
  return besides.has(TOOL_FILE) ? `node ${TOOL_FILE}` : 'containerimage'
}

/** The page is made of the rest, and listed after it. */
function isBeside(file: string, besides: FinishOptions['besides']): boolean {
  return file !== PAGE_FILE && file !== MEDIA_FILE && besides.has(file)
}

function listed({ layers: _layers, history: _history, ...image }: PageImage): MediaImage {
  return image
}

async function withSum(
  { root }: Media,
  files: MediaFile[],
  name: string,
  { hasher, signal }: FinishOptions,
): Promise<MediaFile[]> {
  const { size } = await lstat(path.join(root, name))
  const added = await sumFiles(root, [{ path: name, size }], hasher, signal)
  return [...files, ...added].sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function write(root: string, name: string, bytes: Buffer): Promise<void> {
  const file = path.join(root, name)
  if (await holdsBytes(file, bytes)) return
  await inWords(`Writing ${file}`, 'destination', () => replaceFile(file, bytes))
}
