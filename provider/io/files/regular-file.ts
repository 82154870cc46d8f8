import { closeSync, constants, type Dirent, fstatSync, openSync, type Stats, statSync } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { codedError } from '../coded-error.js'

/**
 * The one way in which files that come from outside are opened. A pipe that nobody writes to would be waited
 * for, and a thread that waits in the system cannot be stopped; a device may act on being opened, or never end.
 */

/** What a worker's error carries to the main thread, where it is put into words. */
export const NOT_A_FILE = 'NOT_A_FILE'

/** What is in the place of a file: `a named pipe`. */
export function kindInWords(found: Stats | Dirent): string {
  if (found.isFile()) return 'a file'
  if (found.isDirectory()) return 'a folder'
  if (found.isFIFO()) return 'a named pipe'
  if (found.isSocket()) return 'a socket'
  if (found.isSymbolicLink()) return 'a link'
  return 'a device'
}

/** @throws an error of the code NOT_A_FILE, whose message is what is there */
function checkRegular(found: Stats): void {
  if (found.isFile()) return
  throw codedError(NOT_A_FILE, kindInWords(found))
}

/** Of no effect on a regular file; Windows knows no pipes among files. */
const WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/**
 * Opens a regular file for reading, also through a link; anything else is refused at once.
 * @throws the system's errors, and one of the code NOT_A_FILE
 */
export async function openRegular(path: string): Promise<FileHandle> {
  checkRegular(await stat(path))
  const file = await open(path, WITHOUT_WAITING).catch((error) => {
    if (!isLeased(error)) throw error
    return open(path, constants.O_RDONLY)
  })
  try {
    // It may be another file by now.
    checkRegular(await file.stat())
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/** The same, synchronously, for worker threads. */
export function openRegularSync(path: string): number {
  checkRegular(statSync(path))
  const fd = openWithoutWaiting(path)
  try {
    checkRegular(fstatSync(fd))
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function openWithoutWaiting(path: string): number {
  try {
    return openSync(path, WITHOUT_WAITING)
  } catch (error) {
    if (!isLeased(error)) throw error
    return openSync(path, constants.O_RDONLY)
  }
}

/** A file server holds a lease on a regular file, and gives it up when it is asked to wait for (fcntl(2)). */
function isLeased(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'EAGAIN' || code === 'EWOULDBLOCK'
}
