import path from 'node:path'
import {
  ContainerImageError,
  LIMITS,
  parseSetLock,
  printable,
  type SetLock,
  setLockBytes,
} from '../../manifests/index.js'
import { parsed } from '../copy/documents.js'
import { replaceFile } from '../io/files/durable.js'
import { documentThere, holdsBytes } from '../io/files/read-document.js'
import { inWords } from '../io/files/system-errors.js'
import type { ReadSet } from './read-set.js'

/** The lock beside a set: `plant-7.lock.json` of `plant-7.yaml`. */
export function lockFileOf({ path: file }: Pick<ReadSet, 'path'>): string {
  const { dir, name } = path.parse(file)
  return path.join(dir, `${name}.lock.json`)
}

/** The lock of a set; undefined if it has none. @throws SET_INVALID, INVALID_DOCUMENT */
export async function readLock(set: Pick<ReadSet, 'path'>): Promise<SetLock | undefined> {
  const file = lockFileOf(set)
  const bytes = await documentThere(file, LIMITS.indexBytes)
  return bytes && parsed(file, () => parseSetLock(bytes, path.basename(file)))
}

/** The lock of a set that has not been changed since. @throws SET_UNLOCKED, SET_INVALID */
export async function lockThatFits(set: ReadSet): Promise<SetLock> {
  const lock = await readLock(set)
  const name = printable(path.basename(set.path))
  if (!lock)
    throw new ContainerImageError('SET_UNLOCKED', `${name} has no lock.`, {
      side: 'source',
      expected: lockFileOf(set),
      found: 'no such file',
    })
  if (lock.asks === set.asks) return lock
  throw new ContainerImageError('SET_UNLOCKED', `${name} was changed after it was locked.`, {
    side: 'source',
    expected: `what the lock is for, ${lock.asks}`,
    found: set.asks,
  })
}

/**
 * Writes a lock in one step; if it would say the same, the old one stays as it is.
 * @returns whether it was written
 */
export async function writeLock(set: ReadSet, lock: SetLock): Promise<boolean> {
  const file = lockFileOf(set)
  const bytes = setLockBytes(lock)
  if (await holdsBytes(file, bytes)) return false
  await inWords(`Writing ${file}`, 'destination', () => replaceFile(file, bytes))
  return true
}
