import { type BigIntStats, existsSync } from 'node:fs'
import { link, lstat } from 'node:fs/promises'
import path from 'node:path'
import { type Descriptor, type ImageIndex, indexBytes, MEDIA_TYPES } from '../../manifests/index.js'
import { type Held, renameUnder, replaceFile, syncFolder } from '../io/files/durable.js'
import { hasNoSecondNames } from '../io/files/second-names.js'
import { inWords } from '../io/files/system-errors.js'
import { WHOLE_NAMES } from '../names/origin-names.js'
import { takeIngestLock } from './ingest-lock.js'
import type { Places } from './places.js'
import { entriesOrWrong } from './whole-index.js'

/**
 * Rewrites a store's lost or damaged index in one step; a damaged one is kept under another name, as it may
 * be the only record of some names. If another process has repaired it in the meantime, that one stays.
 * @returns where the damaged one is now; undefined if there was none
 * @throws STORE_LOCKED, NO_SPACE, IN_THE_WAY, LOCK_LOST
 */
export async function writeLostIndex(
  places: Places,
  manifests: Descriptor[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  const file = places.indexFile
  const lock = await takeIngestLock(places, places.indexLock, signal ? { signal } : {})
  try {
    if (!(await entriesOrWrong(places)).wrong) return undefined
    return await inWords(`Writing ${file}`, 'destination', async () => {
      const aside = existsSync(file) ? await keepDamaged(file, lock) : undefined
      const index: ImageIndex = {
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.ociIndex,
        manifests,
        annotations: WHOLE_NAMES,
      }
      await replaceFile(file, indexBytes(index), { lock })
      return aside
    })
  } finally {
    await lock.release()
  }
}

/**
 * Gives a damaged index a second name, so that there is an index at every moment. Anything that cannot have a
 * second name is renamed: a link, a folder, anything on FAT. The name that a stopped repair gave it stays.
 */
async function keepDamaged(file: string, lock: Held): Promise<string> {
  const own = await statsOf(file)
  for (let count = 1; ; count++) {
    const name = count === 1 ? `${file}.damaged` : `${file}.damaged-${count}`
    const there = await statsOf(name)
    if (own && there?.ino === own.ino && there.dev === own.dev) return name
    if (there || !(await nameAlso(file, name, own?.isFile() === true, lock))) continue
    await syncFolder(path.dirname(file))
    return name
  }
}

/** @returns false if somebody else has given that name in the meantime */
async function nameAlso(file: string, name: string, isFile: boolean, lock: Held): Promise<boolean> {
  if (isFile)
    try {
      await link(file, name)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      if (!hasNoSecondNames(error)) throw error
    }
  await renameUnder(lock, file, name)
  return true
}

/** Undefined where nothing is. */
async function statsOf(file: string): Promise<BigIntStats | undefined> {
  return await lstat(file, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}
