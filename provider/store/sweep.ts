import { chmod, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { type Descriptor, type Digest, hasCode, isDigest } from '../../manifests/index.js'
import { isOrphaned, isReplacement, syncFolder } from '../files/durable.js'
import { takeLock } from '../files/lock.js'
import { inWords } from '../files/system-errors.js'
import { closureOf } from './closure.js'
import { changeEntries } from './index-file.js'
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

/** Every file in the store whose name is a digest, with its size in bytes. */
export async function listBlobs(places: Places): Promise<SweptBlob[]> {
  const blobs: SweptBlob[] = []
  for (const algorithm of await readdir(places.blobsFolder).catch(() => []))
    for (const hex of await readdir(path.join(places.blobsFolder, algorithm)).catch(() => [])) {
      const digest = `${algorithm}:${hex}`
      if (!isDigest(digest)) continue
      const stats = await stat(places.blob(digest)).catch(() => undefined)
      if (stats?.isFile()) blobs.push({ digest, size: stats.size })
    }
  return blobs
}

/** Removes blobs. A process that is bringing one of them in notices when it gives its names. */
export async function removeBlobs(places: Places, blobs: SweptBlob[]): Promise<void> {
  for (const { digest } of blobs) await removeFile(places.blob(digest))
  if (blobs.length > 0) await syncFolder(places.blobsFolder)
}

/** Removes what a copy has brought, whole or in part, and no entry needs: the store is as it was before. */
export async function takeBack(places: Places, brought: Set<Digest>): Promise<void> {
  await changeEntries(places, async (entries) => {
    const unneeded = await unneededBlobs(places, entries)
    await removeBlobs(
      places,
      unneeded.filter((blob) => brought.has(blob.digest)),
    )
    for (const digest of brought) await removeUnlocked(places.ingest(digest))
    return undefined
  })
}

/**
 * Removes what interrupted runs left in the store, except what a living process holds. To be called under the
 * index lock: whoever replaces the index holds it.
 * @returns bytes freed
 */
export async function sweepLeftovers(places: Places): Promise<number> {
  let freed = 0
  for (const name of await namesIn(places.root))
    if (isReplacement(name)) freed += await removeReplacement(places.root, name)
  const began = new Set(
    (await namesIn(places.ingestFolder)).map((name) => name.replace(/(\.lock(\.break)?)+$/, '')),
  )
  for (const name of began)
    if (name !== INDEX_LOCKED) freed += await removeUnlocked(path.join(places.ingestFolder, name))
  return freed
}

/** Its lock is the one under which the sweep runs. */
const INDEX_LOCKED = 'index'

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => [])
}

/** A replacement lives for moments. One that is younger may be another process's, which makes the store just now. */
const YOUNG_MS = 60_000

async function removeReplacement(folder: string, name: string): Promise<number> {
  const file = path.join(folder, name)
  if (isOrphaned(name)) return await removeFile(file)
  const stats = await stat(file).catch(() => undefined)
  return stats && Date.now() - stats.mtimeMs > YOUNG_MS ? await removeFile(file) : 0
}

/** The lock is taken first: a process that begins at this moment waits, and one at work keeps its file. */
async function removeUnlocked(file: string): Promise<number> {
  try {
    const lock = await takeLock(`${file}.lock`, { patience: 0 })
    try {
      return await removeFile(file)
    } finally {
      await lock.release()
    }
  } catch (error) {
    if (hasCode(error, 'STORE_LOCKED')) return 0
    throw error
  }
}

async function removeFile(file: string): Promise<number> {
  const size = (await stat(file).catch(() => undefined))?.size ?? 0
  await inWords(`Removing ${file}`, 'destination', async () => {
    // Windows does not remove what is read-only.
    if (process.platform === 'win32') await chmod(file, 0o644).catch(() => {})
    // A set of volumes arrives in a folder.
    await rm(file, { force: true, recursive: true })
  })
  return size
}
