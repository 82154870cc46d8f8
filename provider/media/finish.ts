import { readFile, rmdir } from 'node:fs/promises'
import path from 'node:path'
import {
  BLOBS_FOLDER,
  DELTA_FILE,
  type DeltaList,
  INDEX_FILE,
  LAYOUT_FILE,
  MEDIA_FILE,
  type MediaFile,
  type MediaImage,
  type MediaList,
  mediaListBytes,
  PAGE_FILE,
  SUMS_FILE,
  sumsBytes,
} from '../../manifests/index.js'
import { replaceFile } from '../files/durable.js'
import { inWords } from '../files/system-errors.js'
import type { Hasher } from '../hashing/hasher.js'
import { withoutArrivals } from '../store/arrivals.js'
import { changeEntries } from '../store/index-file.js'
import { removeBlobs, sweepLeftovers, unneededBlobs } from '../store/sweep.js'
import { sumFiles } from './blob-sums.js'
import { noteDelta } from './delta.js'
import { describeMedia } from './describe.js'
import type { Media } from './media.js'
import { type PageImage, page } from './page/page.js'
import { walkFiles } from './walk-files.js'

export interface FinishOptions {
  hasher: Hasher
  /** How the program is started on the other side. */
  command: string
  /** Paths of files that were put beside the layout, and are listed; every other file is nobody's. */
  besides: ReadonlySet<string>
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
  const delta = await noteDelta(media, options.delta)
  await sweep(media, delta)
  const images = await describeMedia(store)
  const found = await walkFiles(root)
  const own = found.filter(({ path: file }) => isOfLayout(file) || isBeside(file, options.besides))
  const files = await sumFiles(root, own, options.hasher, options.signal)
  await write(root, PAGE_FILE, page({ images, files, command: options.command, ...(delta ? { delta } : {}) }))
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
  await changeEntries(places, async (entries) => {
    const unneeded = (await unneededBlobs(places, entries)).filter(({ digest }) => !carried.has(digest))
    await removeBlobs(places, await withoutArrivals(places, unneeded))
    await sweepLeftovers(places)
    return undefined
  })
  // Where another process is at work it is not empty, and stays.
  await rmdir(places.ingestFolder).catch(() => {})
}

function isOfLayout(file: string): boolean {
  return (
    file === LAYOUT_FILE || file === INDEX_FILE || file === DELTA_FILE || file.startsWith(`${BLOBS_FOLDER}/`)
  )
}

/** The page is made of the rest, and listed after it. */
function isBeside(file: string, besides: ReadonlySet<string>): boolean {
  return file !== PAGE_FILE && besides.has(file)
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
  const size = (await readFile(path.join(root, name))).length
  const added = await sumFiles(root, [{ path: name, size }], hasher, signal)
  return [...files, ...added].sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function write(root: string, name: string, bytes: Buffer): Promise<void> {
  const file = path.join(root, name)
  const before = await readFile(file).catch(() => undefined)
  if (before?.equals(bytes)) return
  await inWords(`Writing ${file}`, 'destination', () => replaceFile(file, bytes))
}
