import { lstat, readdir } from 'node:fs/promises'
import path from 'node:path'
import { hasCode } from '../../../manifests/index.js'
import { takeLock } from '../../io/files/lock.js'
import { removePath } from '../../io/files/rename-and-remove.js'
import { removeOrphanedLocks } from '../../io/files/replacement-name.js'
import { inWords } from '../../io/files/system-errors.js'
import { isLinked } from './image-folders.js'

/** What is made beside the folder of an image while it is laid out or removed: named by full names. */
const BESIDE = /^(\.CN=.+)\.(new|old|report|new\.lock)$/

/**
 * Removes what killed runs left beside the folders of images: half-made folders, and folders that were set
 * aside. What a live process holds stays.
 * @returns bytes freed
 * @throws PERMISSION_DENIED
 */
export async function sweepFolders(images: string): Promise<number> {
  if (await isLinked(images)) return 0
  // A temporary file of a lock that the disk did not let us remove once it was linked.
  await removeOrphanedLocks(images)
  let freed = 0
  for (const hidden of new Set((await namesIn(images)).map((name) => BESIDE.exec(name)?.[1])))
    if (hidden !== undefined) freed += await sweepBeside(path.join(images, hidden))
  return freed
}

async function sweepBeside(hidden: string): Promise<number> {
  try {
    const lock = await takeLock(`${hidden}.new.lock`, { patience: 0 })
    try {
      let freed = 0
      for (const kind of ['new', 'report', 'old']) {
        await lock.check()
        freed += await removed(`${hidden}.${kind}`)
      }
      return freed
    } finally {
      await lock.release()
    }
  } catch (error) {
    if (hasCode(error, 'STORE_LOCKED')) return 0
    throw error
  }
}

async function removed(place: string): Promise<number> {
  const size = await sizeOf(place)
  await inWords(`Removing ${place}`, 'destination', () => removePath(place, { recursive: true }))
  return size
}

/** Bytes of a file, or of all files of a folder; links are not followed. */
async function sizeOf(place: string): Promise<number> {
  const stats = await lstat(place).catch(() => undefined)
  if (!stats?.isDirectory()) return stats?.isFile() ? stats.size : 0
  let size = 0
  for (const name of await namesIn(place)) size += await sizeOf(path.join(place, name))
  return size
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => [])
}
