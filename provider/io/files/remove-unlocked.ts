import { lstat } from 'node:fs/promises'
import { hasCode } from '../../../manifests/index.js'
import { takeLock } from './lock.js'
import { removePath } from './rename-and-remove.js'
import { inWords } from './system-errors.js'

/** What may be under a name that is to be removed; there may also be only a lock. */
export type RemovedKind = 'file' | 'folder' | 'lock'

/**
 * Removes a file or folder that nobody holds, such as one left by a killed run. The lock is taken first: a
 * process that starts at this moment waits, and one at work keeps its file.
 * @returns bytes freed
 */
export async function removeUnlocked(file: string, kind: RemovedKind = 'file'): Promise<number> {
  try {
    const lock = await takeLock(`${file}.lock`, { patience: 0 })
    try {
      if (kind === 'lock') return 0
      await lock.check()
      return await removeFile(file, kind)
    } finally {
      await lock.release()
    }
  } catch (error) {
    if (hasCode(error, 'STORE_LOCKED')) return 0
    throw error
  }
}

/**
 * Removes a folder only if it may be one of ours; a link is removed, and its target stays.
 * @returns bytes freed
 */
export async function removeFile(file: string, kind: 'file' | 'folder' = 'file'): Promise<number> {
  const stats = await lstat(file).catch(() => undefined)
  if (!stats || (stats.isDirectory() && kind !== 'folder')) return 0
  await inWords(`Removing ${file}`, 'destination', () => removePath(file, { recursive: stats.isDirectory() }))
  return stats.size
}
