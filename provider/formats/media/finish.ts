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
  present,
  SUMS_FILE,
  signedFile,
  sumsBytes,
} from '../../../manifests/index.js'
import type { Bytes } from '../../io/bytes.js'
import { type Held, replaceFile } from '../../io/files/durable.js'
import { holdsPieces } from '../../io/files/read-document.js'
import { inWords } from '../../io/files/system-errors.js'
import type { Hasher } from '../../io/hashing/hasher.js'
import { withoutArrivals } from '../../store/arrivals.js'
import { changeEntries } from '../../store/index-file.js'
import type { Store } from '../../store/store.js'
import { removeBlobs, sweepLeftovers, unneededBlobs } from '../../store/sweep.js'
import { sumFiles, sumInName } from './blob-sums.js'
import { noteDelta } from './delta.js'
import { describeMedia } from './describe.js'
import { isOfLayout } from './files-of-layout.js'
import { listedSboms } from './listed-sboms.js'
import { MEDIA_LOCK } from './lock.js'
import type { Media } from './media.js'
import { type PageImage, page } from './page/page.js'
import { walkFiles } from './walk-files.js'

/** The program as one file, where a media carries it; the starters look for this name. */
export const TOOL_FILE = 'containerimage.mjs'

/** @param write replaces the list in one step, or leaves it where it is the same */
export type PutSums = (sums: {
  bytes: Uint8Array
  list: MediaList
  write: () => Promise<void>
}) => Promise<void>

export interface FinishOptions {
  hasher: Hasher
  /**
   * Files that were put beside the layout, and are listed, by their paths; with the sum that a file must
   * still have if this save did not write it. All other files are ignored.
   */
  besides: ReadonlyMap<string, string | undefined>
  /** What was left out now, as the other side has it. */
  delta?: DeltaList
  /** Under which the lists are written, from `whileListing`. */
  lock: Held
  /** Writes the list of the sums with what goes with it; default: it alone. */
  putSums?: PutSums | undefined
  signal?: AbortSignal
}

/** A media that is whole. */
export interface FinishedMedia {
  list: MediaList
  /** Files on it that do not belong to it. */
  extra: string[]
  /**
   * Among those, signatures and recovery files for lists that have just changed: they are for what was there
   * before.
   */
  stale: string[]
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
  const kept = summed.filter(
    ({ path: file, sha256 }) => isOfLayout(file) || (options.besides.get(file) ?? sha256) === sha256,
  )
  const files = await withUnpackedSizes(store, kept)
  const changed = new Set<string>()
  const write = async (name: string, pieces: Iterable<Buffer>): Promise<void> => {
    if (await replaced(path.join(root, name), pieces, options.lock)) changed.add(name)
  }
  const sboms = await listedSboms(root, files)
  await write(PAGE_FILE, page({ images, files, command: commandOf(options), delta, sboms }))
  const withPage = await withSum(media, files, PAGE_FILE, options)
  const list: MediaList = { mediaVersion: 1, images: images.map(listed), files: withPage }
  await write(MEDIA_FILE, [mediaListBytes(list)])
  const sums = sumsBytes(await withSum(media, withPage, MEDIA_FILE, options))
  const writeSums = (): Promise<void> => write(SUMS_FILE, [sums])
  await (options.putSums?.({ bytes: sums, list, write: writeSums }) ?? writeSums())
  const known = new Set([...list.files.map((file) => file.path), MEDIA_FILE, SUMS_FILE])
  const isOwn = (file: string): boolean =>
    known.has(file) || file === MEDIA_LOCK || (signedFile(file) === SUMS_FILE && !changed.has(SUMS_FILE))
  const extra = found.map((file) => file.path).filter((file) => !isOwn(file))
  return { list, extra, stale: extra.filter((file) => isAbout(file, changed)) }
}

/** Under the index lock, so that nothing is removed that another process is just giving a name. */
async function sweep({ store }: Media, delta?: DeltaList): Promise<void> {
  const { places } = store
  const carried = new Set(delta?.missing.map((blob) => blob.delta?.digest))
  await changeEntries(places, async (entries, lock) => {
    const unneeded = (await unneededBlobs(places, entries)).filter(({ digest }) => !carried.has(digest))
    await removeBlobs(places, await withoutArrivals(places, unneeded), lock)
    await sweepLeftovers(places)
    return undefined
  })
}

/** How the program is started on the other side. */
function commandOf({ besides }: FinishOptions): string {
  return besides.has(TOOL_FILE) ? `node ${TOOL_FILE}` : 'containerimage'
}

/** The page is made from the rest, and listed after it. */
function isBeside(file: string, besides: FinishOptions['besides']): boolean {
  return file !== PAGE_FILE && file !== MEDIA_FILE && besides.has(file)
}

/** Each layer with what its files add up to, as this save found it or as the media has said it before. */
async function withUnpackedSizes({ checked }: Store, files: MediaFile[]): Promise<MediaFile[]> {
  const sized: MediaFile[] = []
  for (const file of files) {
    const hex = sumInName(file.path)
    const unpackedSize = hex === undefined ? undefined : await checked.unpacked(`sha256:${hex}`)
    sized.push(present({ ...file, unpackedSize }))
  }
  return sized
}

function listed({ layers: _layers, history: _history, config: _config, ...image }: PageImage): MediaImage {
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

/** @returns whether it had other bytes, or was not there */
async function replaced(file: string, pieces: Iterable<Buffer>, lock: Held): Promise<boolean> {
  if (await holdsPieces(file, pieces)) return false
  await inWords(`Writing ${file}`, 'destination', () => replaceFile(file, oneByOne(pieces), { lock }))
  return true
}

async function* oneByOne(pieces: Iterable<Buffer>): Bytes {
  yield* pieces
}

const SIGNATURE = /\.(asc|sig|sign|gpg|minisig|p7s|bundle|sigstore(\.json)?)$/i
const RECOVERY = /\.par2$/i

/** Whether somebody made a file for one of these lists; the name of a recovery file does not show that. */
function isAbout(file: string, changed: ReadonlySet<string>): boolean {
  if (file.includes('/') || changed.size === 0) return false
  return (
    RECOVERY.test(file) ||
    (SIGNATURE.test(file) && changed.has(signedFile(file) ?? file.replace(SIGNATURE, '')))
  )
}
