import { lstat, readdir } from 'node:fs/promises'
import path from 'node:path'
import { type Descriptor, type Digest, isDigest } from '../../manifests/index.js'
import { type Held, syncFolder } from '../io/files/durable.js'
import { removeFile, removeUnlocked } from '../io/files/remove-unlocked.js'
import { isOrphaned, isReplacement } from '../io/files/replacement-name.js'
import { sweepScratch } from '../io/files/scratch.js'
import { closureOf } from './closure.js'
import { checkFolders } from './folders.js'
import { changeEntries } from './index-file.js'
import { leftoverOf } from './leftovers.js'
import type { Places } from './places.js'

export interface SweptBlob {
  digest: Digest
  size: number
}

/** The blobs that no entry needs. To be called under the index lock, so that no entry appears meanwhile. */
export async function unneededBlobs(places: Places, entries: Descriptor[]): Promise<SweptBlob[]> {
  const needed = await closureOf(places, entries)
  const blobs = await listBlobs(places)
  return blobs.filter((blob) => !needed.has(blob.digest))
}

/**
 * Every file in the store whose name is a digest, with its size in bytes; also a link, which is not a blob.
 */
export async function listBlobs(places: Places): Promise<SweptBlob[]> {
  const blobs: SweptBlob[] = []
  for (const digest of await blobNames(places)) {
    const stats = await lstat(places.blob(digest)).catch(() => undefined)
    if (stats && !stats.isDirectory()) blobs.push({ digest, size: stats.size })
  }
  return blobs
}

/** Every name in the store that is a digest, whatever is under it. */
export async function blobNames({ blobsFolder }: Places): Promise<Digest[]> {
  const names: string[] = []
  for (const algorithm of await readdir(blobsFolder).catch(() => []))
    for (const hex of await readdir(path.join(blobsFolder, algorithm)).catch(() => []))
      names.push(`${algorithm}:${hex}`)
  return names.filter(isDigest)
}

/**
 * Removes blobs, under the index lock. A process that is adding one of them notices when it gives its names.
 * @throws IN_THE_WAY, LOCK_LOST
 */
export async function removeBlobs(places: Places, blobs: SweptBlob[], lock: Held): Promise<void> {
  if (blobs.length > 0) await checkFolders(places)
  for (const { digest } of blobs) {
    await lock.check()
    await removeFile(places.blob(digest))
  }
  for (const folder of new Set(blobs.map(({ digest }) => path.dirname(places.blob(digest)))))
    await syncFolder(folder)
}

/** Removes what a copy has added, complete or in part, and no entry needs: the store is as it was before. */
export async function takeBack(places: Places, brought: Set<Digest>): Promise<void> {
  await changeEntries(places, async (entries, lock) => {
    const unneeded = await unneededBlobs(places, entries)
    await removeBlobs(
      places,
      unneeded.filter((blob) => brought.has(blob.digest)),
      lock,
    )
    for (const digest of brought) await removeUnlocked(places.ingest(digest))
    return undefined
  })
}

/**
 * Removes what interrupted runs left in the store, except what a live process holds, and names that this
 * program does not give. To be called under the index lock, which also protects the replacing of the index.
 * @returns bytes freed
 * @throws IN_THE_WAY
 */
export async function sweepLeftovers(places: Places): Promise<number> {
  await checkFolders(places)
  let freed = 0
  for (const folder of [places.root, places.ingestFolder])
    for (const name of await namesIn(folder))
      if (isReplacement(name)) freed += await removeReplacement(folder, name)
  const left = (await namesIn(places.ingestFolder)).map(leftoverOf).filter((one) => one !== undefined)
  for (const [base, { kind }] of new Map(left.map((one) => [one.base, one])))
    freed += await removeUnlocked(path.join(places.ingestFolder, base), kind)
  return freed
}

/** A layer that was being made: half a layer is useless to the next run. */
const MAKING = /^made-[0-9a-f]{64}(\.gz)?$/

/**
 * Removes what is useless to any run, and what a killed one could not remove: unpacked copies, and half-made
 * layers. Parts of blobs stay, as the next run continues them. In a store that may not be written everything
 * stays.
 */
export async function sweepDead(places: Places): Promise<void> {
  await sweepScratch(places.ingestFolder)
  const names = new Set((await namesIn(places.ingestFolder)).map((name) => name.replace(/\.lock$/, '')))
  for (const name of names) {
    const file = path.join(places.ingestFolder, name)
    if (MAKING.test(name) && !(await isOther(file))) await removeUnlocked(file).catch(() => {})
  }
}

/** A link or pipe is not ours: the code that makes the layer refuses it by name. */
async function isOther(file: string): Promise<boolean> {
  const stats = await lstat(file).catch(() => undefined)
  return stats !== undefined && !stats.isFile()
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => [])
}

/**
 * A temporary replacement exists only for a moment. A younger one may belong to another process that is
 * making the store right now.
 */
const YOUNG_MS = 60_000

async function removeReplacement(folder: string, name: string): Promise<number> {
  const file = path.join(folder, name)
  if (isOrphaned(name)) return await removeFile(file)
  const stats = await lstat(file).catch(() => undefined)
  // The draft of a blob has a time in the past before it gets its name.
  const changed = stats && Math.max(stats.mtimeMs, stats.ctimeMs)
  return changed !== undefined && Date.now() - changed > YOUNG_MS ? await removeFile(file) : 0
}
