import { chmod, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { type Descriptor, type Digest, isDigest } from '../../manifests/index.js'
import { syncFolder } from '../files/durable.js'
import { inWords } from '../files/system-errors.js'
import { closureOf } from './closure.js'
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
  for (const { digest } of blobs) {
    const file = places.blob(digest)
    await inWords(`Removing ${file}`, 'destination', async () => {
      // Windows does not remove what is read-only.
      if (process.platform === 'win32') await chmod(file, 0o644).catch(() => {})
      await rm(file, { force: true })
    })
  }
  if (blobs.length > 0) await syncFolder(places.blobsFolder)
}

/** Removes what interrupted runs left in the ingest folder, except what a living process holds. */
export async function sweepIngest(places: Places): Promise<number> {
  let freed = 0
  const names: string[] = await readdir(places.ingestFolder).catch(() => [])
  for (const name of names) {
    if (name.includes('.lock') || names.includes(`${name}.lock`)) continue
    const file = path.join(places.ingestFolder, name)
    freed += (await stat(file).catch(() => undefined))?.size ?? 0
    await rm(file, { force: true })
  }
  return freed
}
