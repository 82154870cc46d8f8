import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, type Digest, throwIfAborted } from '../../manifests/index.js'
import { syncFolder } from '../files/durable.js'
import { takeLock } from '../files/lock.js'
import { readRange } from '../files/read-range.js'
import { checkSpace } from '../files/space.js'
import { inWords } from '../files/system-errors.js'
import { decompressed } from '../members/compression.js'
import { fileCursor, streamCursor } from '../members/cursor.js'
import type { OnProgress } from '../ports.js'
import { FolderWriter } from './folder-writer.js'
import { copyHives } from './hives.js'
import { layerMembers } from './layer-members.js'
import { Losses } from './losses.js'

/** An installed image that is to be laid out as a folder. */
export interface ImageToExpand {
  fullName: string
  name: string
  version: string
  /** Of its manifest: a folder that was made of another image of the same name is replaced. */
  digest: Digest
  /** The edition, for version.wcx. */
  edition: string
  /** ISO 8601. */
  created: string
  /** In order; blobs of the store. */
  layers: { path: string; size: number; compression: 'none' | 'gzip' | 'zstd' }[]
}

export interface ExpandOptions {
  /** Replaces what is there. */
  force?: boolean
  signal?: AbortSignal
  onProgress?: OnProgress
}

export interface Expanded {
  path: string
  /** Bytes of all files that were written; 0 where the folder was there already. */
  bytes: number
  /** Files of which the file system could not hold something; the report names each. */
  losses: number
  report: string
  wasThere: boolean
}

const METADATA = 'metadata.json'
const REPORT = 'not-held-by-this-file-system.txt'

/** Where the folders of images are: beside the store, as the original had them in one place. */
export function imagesFolder(store: string): string {
  return path.join(path.dirname(path.resolve(store)), 'images')
}

/** A full name as a folder's name on every system. */
export function folderName(fullName: string): string {
  return fullName.replace(/[^A-Za-z0-9=_.+-]+/g, '-').replace(/^\.+|\.+$/g, '') || 'image'
}

/**
 * Lays an image out as the original did: `Files`, `Hives`, `UtilityVM/Files`, `version.wcx`, and `metadata.json`
 * last. It is built beside its place and renamed when it is whole; what an interrupted run left is removed.
 * @throws FILE_EXISTS where something else is in its place; ARCHIVE_INVALID, UNSAFE_NAME, NO_SPACE
 */
export async function expandImage(
  image: ImageToExpand,
  folder: string,
  options: ExpandOptions = {},
): Promise<Expanded> {
  const name = folderName(image.fullName)
  const target = path.join(folder, name)
  const staging = path.join(folder, `.${name}.new`)
  await inWords(`Making ${folder}`, 'destination', () => mkdir(folder, { recursive: true }))
  const lock = await takeLock(`${staging}.lock`, options.signal ? { signal: options.signal } : {})
  try {
    if (!options.force && isMadeOf(target, image.digest))
      return { path: target, bytes: 0, losses: 0, report: path.join(target, REPORT), wasThere: true }
    if (!options.force && existsSync(target) && !isWhole(target)) throw inTheWay(target)
    await rm(staging, { recursive: true, force: true })
    const layersSize = image.layers.reduce((sum, layer) => sum + layer.size, 0)
    await checkSpace(folder, layersSize)
    const made = await inWords(`Writing ${target}`, 'destination', () =>
      build(image, staging, target, options),
    )
    await inWords(`Writing ${target}`, 'destination', () => replace(staging, target))
    return { ...made, path: target, report: path.join(target, REPORT), wasThere: false }
  } catch (error) {
    await rm(staging, { recursive: true, force: true })
    throw error
  } finally {
    await lock.release()
  }
}

/** The folder that an image is laid out in, and the bytes of its files; undefined where it is not. */
export function expandedFolder(
  fullName: string,
  folder: string,
): { path: string; bytes: number } | undefined {
  const target = path.join(folder, folderName(fullName))
  if (!isWhole(target)) return undefined
  const { Size } = metadataIn(target)
  return { path: target, bytes: typeof Size === 'number' && Size >= 0 ? Size : 0 }
}

/**
 * Takes the name away from the folder of an image that is uninstalled: in one step, so that a folder in use stays
 * as it is. What it holds is removed by `removeSetAside`.
 * @throws PERMISSION_DENIED
 */
export async function setExpandedAside(
  fullName: string,
  folder: string,
): Promise<{ path: string; bytes: number } | undefined> {
  const found = expandedFolder(fullName, folder)
  if (!found) return undefined
  const aside = asideOf(fullName, folder)
  await inWords(`Removing ${found.path}`, 'destination', async () => {
    await rm(aside, { recursive: true, force: true })
    await rename(found.path, aside)
  })
  return found
}

/** Also what a run that was killed has set aside. @throws PERMISSION_DENIED */
export async function removeSetAside(fullName: string, folder: string): Promise<void> {
  const aside = asideOf(fullName, folder)
  await inWords(`Removing ${aside}`, 'destination', () => rm(aside, { recursive: true, force: true }))
}

function asideOf(fullName: string, folder: string): string {
  return path.join(folder, `.${folderName(fullName)}.old`)
}

/** An image without its metadata.json is half of one, whoever made it. */
function isWhole(target: string): boolean {
  return existsSync(path.join(target, METADATA))
}

/** The original's folders do not say of what they were made, and are taken for what their name says. */
function isMadeOf(target: string, digest: Digest): boolean {
  const { Digest: found, isRead } = metadataIn(target)
  return isRead && (found === undefined || found === digest)
}

function metadataIn(target: string): { isRead: boolean; Digest?: unknown; Size?: unknown } {
  try {
    const document: unknown = JSON.parse(readFileSync(path.join(target, METADATA), 'utf8'))
    return { ...(document as object), isRead: true }
  } catch {
    return { isRead: false }
  }
}

async function build(
  image: ImageToExpand,
  staging: string,
  target: string,
  options: ExpandOptions,
): Promise<{ bytes: number; losses: number }> {
  const { onProgress } = options
  mkdirSync(staging)
  const losses = new Losses(path.join(staging, REPORT))
  try {
    const writer = new FolderWriter(staging, image.fullName, losses)
    const total = image.layers.reduce((sum, layer) => sum + layer.size, 0)
    const task = `Laying out ${image.name} ${image.version}`
    onProgress?.({ type: 'begin', task, total })
    for (const layer of image.layers) await addLayer(layer, writer, image.fullName, options)
    for (const missing of copyHives(staging))
      losses.add(missing, ['is not in the image, and so not in Hives'])
    writer.end()
    writeVersion(image, staging)
    writeMetadata(image, staging, target, writer.bytes)
    onProgress?.({ type: 'end', task })
    return { bytes: writer.bytes, losses: losses.count }
  } finally {
    losses.close()
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
    for await (const member of layerMembers(cursor, label)) {
      throwIfAborted(signal)
      await writer.add(member, cursor)
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

/** As the original wrote it: two lines in the system's own code page, of which only ASCII is used. */
function writeVersion({ version, edition }: ImageToExpand, staging: string): void {
  const build = version.split('.')[2] ?? '0'
  writeFileSync(
    path.join(staging, 'version.wcx'),
    `BuildNumber=${build}\r\nProductName=${edition}\r\n`,
    'latin1',
  )
}

function writeMetadata(image: ImageToExpand, staging: string, target: string, size: number): void {
  const { name, version, created, digest } = image
  const document = {
    ...{ Name: name, Version: version, Path: target, Size: size, CreatedTime: created },
    Digest: digest,
  }
  writeFileSync(path.join(staging, METADATA), JSON.stringify(document))
}

async function replace(staging: string, target: string): Promise<void> {
  const old = `${staging}.old`
  await rm(old, { recursive: true, force: true })
  if (existsSync(target)) await rename(target, old)
  await rename(staging, target)
  await syncFolder(path.dirname(target))
  await rm(old, { recursive: true, force: true })
}

function inTheWay(target: string): ContainerImageError {
  return new ContainerImageError('FILE_EXISTS', `${target} is there, but is no whole image.`, {
    side: 'destination',
    expected: `nothing, or an image with ${METADATA}`,
    found: 'a folder without it',
    remedy: 'Remove it, or use --force to replace it.',
  })
}
