import { lstatSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import {
  ContainerImageError,
  type Digest,
  option,
  printable,
  throwIfAborted,
} from '../../../manifests/index.js'
import { layerEntries } from '../../archives/layers/layer-entries.js'
import { decompressed } from '../../archives/members/compression.js'
import { fileCursor, streamCursor } from '../../archives/members/cursor.js'
import { type Held, renameUnder, replaceUnder, syncFolder } from '../../io/files/durable.js'
import { makeFolderBelow } from '../../io/files/folder-below.js'
import { unlessLost } from '../../io/files/lock.js'
import { readRange } from '../../io/files/read-range.js'
import { removePath, renameOverSync } from '../../io/files/rename-and-remove.js'
import { checkSpace } from '../../io/files/space.js'
import { syncTree } from '../../io/files/sync-tree.js'
import { inWords } from '../../io/files/system-errors.js'
import type { OnProgress } from '../../io/progress.js'
import { FolderWriter } from './folder-writer.js'
import { copyHives } from './hives.js'
import { folderOf, imagesFolder, placesBeside, withFolderLocked } from './image-folders.js'
import { Losses } from './losses.js'
import { isLaidOutFor, METADATA, metadataOf, otherStores, storeName, writeStores } from './metadata.js'

/** An installed image that is to be laid out as a folder. */
export interface ImageToExpand {
  fullName: string
  name: string
  version: string
  /** Of its manifest: a folder that was made from another image of the same name is replaced. */
  digest: Digest
  /** The edition, for version.wcx. */
  edition: string
  /** ISO 8601. */
  created: string
  /** In order; blobs of the store. */
  layers: { path: string; size: number; compression: 'none' | 'gzip' | 'zstd' }[]
}

export interface ExpandOptions {
  /** Replaces what is already there. */
  force?: boolean
  signal?: AbortSignal
  onProgress?: OnProgress
}

export interface Expanded {
  path: string
  /** Bytes of all files that were written; 0 if the folder was already there. */
  bytes: number
  /** Files with something that the file system could not hold; the report names each. */
  losses: number
  report: string
  wasThere: boolean
}

const VERSION = 'version.wcx'
const REPORT = 'not-held-by-this-file-system.txt'

/**
 * Lays out an image as the original did: `Files`, `Hives`, `UtilityVM/Files`, `version.wcx`, and
 * `metadata.json` last. It is built beside its place and renamed when complete; what an interrupted run left
 * is removed.
 * @param store the store that it is laid out for, beside its folder of images
 * @throws FILE_EXISTS if something else is in its place; ARCHIVE_INVALID, UNSAFE_NAME, NO_SPACE
 */
export async function expandImage(
  image: ImageToExpand,
  store: string,
  options: ExpandOptions = {},
): Promise<Expanded> {
  const images = imagesFolder(store)
  const target = folderOf(image.fullName, store)
  await inWords(`Making ${images}`, 'destination', () => makeFolderBelow(path.dirname(images), images))
  return await withFolderLocked(target, options.signal, async (lock) => {
    const report = path.join(target, REPORT)
    const there = options.force ? undefined : await takeAsItIs(target, image, store, lock)
    if (there) return { path: target, bytes: 0, losses: 0, report, wasThere: true }
    const layersSize = image.layers.reduce((sum, layer) => sum + layer.size, 0)
    await checkSpace(images, layersSize)
    const made = await inWords(`Writing ${target}`, 'destination', () =>
      buildAndReplace(image, target, store, { ...options, lock }),
    )
    return { ...made, path: target, report, wasThere: false }
  })
}

/**
 * Whether the image is already laid out; its folder then records that this store wants it, too. The
 * original's folders do not say what they were made from; their names are trusted.
 * @throws FILE_EXISTS if the folder is not this store's to replace
 */
async function takeAsItIs(
  target: string,
  { digest }: ImageToExpand,
  store: string,
  lock: Held,
): Promise<boolean> {
  if (!lstatSync(target, { throwIfNoEntry: false })) return false
  const images = path.dirname(target)
  const metadata = metadataOf(target)
  if (!metadata) throw inTheWay(target, `nothing, or an image with ${METADATA}`, 'a folder without it')
  if (metadata.digest === undefined) return true
  const isOurs = isLaidOutFor(metadata, images, store)
  if (metadata.digest === digest) {
    if (!isOurs) await writeStores(target, metadata, [...metadata.stores, storeName(store)], lock)
    return true
  }
  const [other] = otherStores(metadata, images, store)
  if (other !== undefined || !isOurs)
    throw inTheWay(target, 'nothing, or an image of this store', `an image of ${other ?? 'another store'}`)
  return false
}

async function buildAndReplace(
  image: ImageToExpand,
  target: string,
  store: string,
  { lock, ...options }: ExpandOptions & { lock: Held },
): Promise<{ bytes: number; losses: number }> {
  const { staging, report } = placesBeside(target)
  const removeBoth = async (): Promise<void> => {
    for (const one of [staging, report]) await removePath(one, { recursive: true })
  }
  await removeBoth()
  try {
    const made = await build(
      image,
      { staging, report, target, stores: storesOf(image, target, store) },
      options,
    )
    await replace(staging, target, lock)
    return made
  } catch (error) {
    await unlessLost(lock, removeBoth)
    throw error
  }
}

/** The same image is made again for all stores that it was laid out for. */
function storesOf({ digest }: ImageToExpand, target: string, store: string): string[] {
  const before = metadataOf(target)
  const others = before?.digest === digest ? otherStores(before, path.dirname(target), store) : []
  return [...others, store].map(storeName)
}

interface BuildPlaces {
  staging: string
  /** Where the report is written: beside the image, as layers can reach everything in it. */
  report: string
  target: string
  /** Names. */
  stores: string[]
}

async function build(
  image: ImageToExpand,
  { staging, report, target, stores }: BuildPlaces,
  options: ExpandOptions,
): Promise<{ bytes: number; losses: number }> {
  const { onProgress } = options
  mkdirSync(staging, { mode: 0o755 })
  const losses = new Losses(report)
  try {
    const writer = new FolderWriter(staging, image.fullName, losses)
    const total = image.layers.reduce((sum, layer) => sum + layer.size, 0)
    const task = `Laying out ${image.name} ${image.version}`
    onProgress?.({ type: 'begin', task, total })
    for (const layer of image.layers) await addLayer(layer, writer, image.fullName, options)
    writer.end()
    for (const missing of copyHives(staging, writer))
      losses.add(missing, ['is not in the image, and so not in Hives'])
    // No layer writes any more, so nothing can reappear in place of what is removed here.
    for (const name of [VERSION, METADATA, REPORT])
      if (writer.clear(name))
        losses.add(name, ['of the layer, in whose place a file about the folder stands'])
    losses.close()
    renameOverSync(report, path.join(staging, REPORT))
    writeOwn(path.join(staging, VERSION), versionText(image), 'latin1')
    writeOwn(path.join(staging, METADATA), metadataText(image, target, writer.bytes, stores), 'utf8')
    onProgress?.({ type: 'end', task })
    return { bytes: writer.bytes, losses: losses.count }
  } finally {
    losses.discard()
  }
}

async function addLayer(
  layer: ImageToExpand['layers'][number],
  writer: FolderWriter,
  label: string,
  { signal, onProgress }: ExpandOptions,
): Promise<void> {
  const id = layer.path
  onProgress?.({ type: 'blob', id, label: path.basename(layer.path).slice(0, 12), size: layer.size })
  const range = { path: layer.path, offset: 0, size: layer.size }
  const cursor =
    layer.compression === 'none'
      ? fileCursor(layer.path)
      : streamCursor(decompressed(readRange(range), layer.compression, label))
  let told = 0
  try {
    writer.beginLayer()
    for await (const entry of layerEntries(cursor, label, 'windows')) {
      throwIfAborted(signal)
      await writer.add(entry, cursor)
      if (layer.compression === 'none' && cursor.position - told > 1 << 20) {
        onProgress?.({ type: 'bytes', id, count: cursor.position - told, kind: 'copied' })
        told = cursor.position
      }
    }
  } finally {
    await cursor.close()
  }
  onProgress?.({ type: 'bytes', id, count: layer.size - told, kind: 'copied' })
  onProgress?.({ type: 'blob-end', id })
}

/** Only if nothing is there: what a layer put in its place was removed. */
function writeOwn(file: string, text: string, encoding: 'latin1' | 'utf8'): void {
  writeFileSync(file, text, { encoding, flag: 'wx', mode: 0o644 })
}

/** As the original wrote it: two lines in the system's own code page, of which only ASCII is used. */
function versionText({ version, edition }: ImageToExpand): string {
  const build = version.split('.')[2] ?? '0'
  return `BuildNumber=${build}\r\nProductName=${printable(edition)}\r\n`
}

function metadataText(image: ImageToExpand, target: string, size: number, stores: string[]): string {
  const { name, version, created, digest } = image
  return JSON.stringify({
    ...{ Name: name, Version: version, Path: target, Size: size, CreatedTime: created },
    ...{ Digest: digest, Stores: stores },
  })
}

async function replace(staging: string, target: string, lock: Held): Promise<void> {
  const old = `${staging}.old`
  await syncTree(staging)
  await removePath(old, { recursive: true })
  if (lstatSync(target, { throwIfNoEntry: false })) await replaceUnder(lock, staging, target, old)
  else await renameUnder(lock, staging, target)
  await syncFolder(path.dirname(target))
  await removePath(old, { recursive: true })
}

function inTheWay(target: string, expected: string, found: string): ContainerImageError {
  return new ContainerImageError(
    'FILE_EXISTS',
    `${target} is there, but is not a whole image of this store.`,
    {
      side: 'destination',
      expected,
      found,
      remedy: `Remove it, or use ${option('force')} to replace it.`,
    },
  )
}
