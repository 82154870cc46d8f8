import { lstat } from 'node:fs/promises'
import path from 'node:path'
import { checkFolderBelow } from '../../io/files/folder-below.js'
import { type Lock, takeLock } from '../../io/files/lock.js'

/** Where the folders of images are: beside the store, as the original kept them all in one place. */
export function imagesFolder(store: string): string {
  return path.join(path.dirname(path.resolve(store)), 'images')
}

/**
 * Whether the folder of the images is a link: nothing of ours was made through one, and nothing is removed.
 */
export async function isLinked(images: string): Promise<boolean> {
  return (await lstat(images).catch(() => undefined))?.isSymbolicLink() ?? false
}

/** Where an image of a store is laid out. Other stores beside it keep their folders there as well. */
export function folderOf(fullName: string, store: string): string {
  return path.join(imagesFolder(store), folderName(fullName))
}

/** A full name as a folder name that is valid on every system. */
function folderName(fullName: string): string {
  return fullName.replace(/[^A-Za-z0-9=_.+-]+/g, '-').replace(/^\.+|\.+$/g, '') || 'image'
}

/** The temporary files and folders that go with an image's folder while it is being changed. */
export function placesBeside(folder: string): { staging: string; report: string; aside: string } {
  const hidden = path.join(path.dirname(folder), `.${path.basename(folder)}`)
  return { staging: `${hidden}.new`, report: `${hidden}.report`, aside: `${hidden}.old` }
}

/** Only one process at a time makes a folder, or removes it. @throws STORE_LOCKED, INTERRUPTED, IN_THE_WAY */
export async function withFolderLocked<T>(
  folder: string,
  signal: AbortSignal | undefined,
  step: (lock: Lock) => Promise<T>,
): Promise<T> {
  const images = path.dirname(folder)
  await checkFolderBelow(path.dirname(images), images)
  const lock = await takeLock(`${placesBeside(folder).staging}.lock`, { signal })
  try {
    return await step(lock)
  } finally {
    await lock.release()
  }
}
