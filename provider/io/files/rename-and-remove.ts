import { chmodSync, lstatSync, renameSync, rmSync } from 'node:fs'
import { chmod, lstat, rename, rm, rmdir } from 'node:fs/promises'
import { checkMayBeMade } from './portable-name.js'

/*
 * The only place that renames and removes. On other systems a name can be given and removed at any time;
 * Windows refuses as long as another program has the file open without letting others delete it: a virus
 * scanner, an indexer, a reader of the store. That passes within moments, so it is tried again for a while.
 * Windows also refuses to replace a read-only file (MoveFileExW, "Remarks"), and all blobs are. Workers load
 * this, so it imports next to nothing.
 */

/**
 * ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION as libuv names them; and a folder that
 * is still being emptied.
 */
const HINDERED = new Set(['EPERM', 'EACCES', 'EBUSY', 'ENOTEMPTY'])

/** All pauses together are the most that is waited: some five seconds. */
const PAUSES_MS = [10, 20, 40, 80, 160, 320, 500, 500, 500, 500, 500, 500, 500, 500, 500]

const WRITABLE = 0o200

/** Gives a file or folder another name, replacing a file that has it. If it fails, both stay as they were. */
export async function renameOver(from: string, to: string): Promise<void> {
  checkMayBeMade(to)
  await againWhileHindered(async () => {
    try {
      await rename(from, to)
    } catch (error) {
      if (!isWindows() || !isHindered(error) || !(await isReadOnly(to))) throw error
      await replaceReadOnly(from, to)
    }
  })
}

/**
 * Removes a file, or a folder with all that is in it; does nothing if nothing is there. A link itself is
 * removed, not its target. Read-only files are removed on Windows, too: libuv clears the attribute.
 */
export async function removePath(place: string, { recursive = false } = {}): Promise<void> {
  await againWhileHindered(() => rm(place, { force: true, recursive, maxRetries: recursive ? 3 : 0 }))
}

/** Removes an empty folder. @throws ENOTEMPTY at once if it is not empty */
export async function removeEmpty(folder: string): Promise<void> {
  await againWhileHindered(async () => await rmdir(folder), isOpenElsewhere)
}

/** The same, synchronously. */
export function renameOverSync(from: string, to: string): void {
  againWhileHinderedSync(() => {
    try {
      renameSync(from, to)
    } catch (error) {
      if (!isWindows() || !isHindered(error) || !isReadOnlySync(to)) throw error
      replaceReadOnlySync(from, to)
    }
  })
}

export function removePathSync(place: string | Buffer, { recursive = false } = {}): void {
  againWhileHinderedSync(() => rmSync(place, { force: true, recursive }))
}

/** If it still cannot be replaced, it is made read-only again, as it was. */
async function replaceReadOnly(from: string, to: string): Promise<void> {
  await chmod(to, 0o644)
  try {
    await rename(from, to)
  } catch (error) {
    await chmod(to, 0o444).catch(() => {})
    throw error
  }
}

function replaceReadOnlySync(from: string, to: string): void {
  chmodSync(to, 0o644)
  try {
    renameSync(from, to)
  } catch (error) {
    chmodSync(to, 0o444)
    throw error
  }
}

/** Not a link, which is replaced itself and whose attribute would be its target's. */
async function isReadOnly(file: string): Promise<boolean> {
  const stats = await lstat(file).catch(() => undefined)
  return stats?.isFile() === true && (stats.mode & WRITABLE) === 0
}

function isReadOnlySync(file: string): boolean {
  const stats = lstatSync(file, { throwIfNoEntry: false })
  return stats?.isFile() === true && (stats.mode & WRITABLE) === 0
}

async function againWhileHindered(step: () => Promise<void>, isOne = isHindered): Promise<void> {
  for (const pause of isWindows() ? PAUSES_MS : []) {
    try {
      await step()
      return
    } catch (error) {
      if (!isOne(error)) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
  await step()
}

function againWhileHinderedSync(step: () => void): void {
  const clock = new Int32Array(new SharedArrayBuffer(4))
  for (const pause of isWindows() ? PAUSES_MS : []) {
    try {
      step()
      return
    } catch (error) {
      if (!isHindered(error)) throw error
    }
    Atomics.wait(clock, 0, 0, pause)
  }
  step()
}

function isHindered(error: unknown): boolean {
  return HINDERED.has((error as NodeJS.ErrnoException).code ?? '')
}

function isOpenElsewhere(error: unknown): boolean {
  return isHindered(error) && (error as NodeJS.ErrnoException).code !== 'ENOTEMPTY'
}

/** Asked each time, so that a test can play it. */
function isWindows(): boolean {
  return process.platform === 'win32'
}
