import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Digest } from '../../../manifests/index.js'
import { type Held, renameUnder, syncFolder } from '../../io/files/durable.js'
import { removePath } from '../../io/files/rename-and-remove.js'
import { inWords } from '../../io/files/system-errors.js'
import { folderOf, imagesFolder, isLinked, placesBeside, withFolderLocked } from './image-folders.js'
import { type FolderMetadata, isLaidOutFor, metadataOf, otherStores, writeStores } from './metadata.js'

/** An image that is being uninstalled. */
export interface GoneImage {
  fullName: string
  /** Of all manifests that the store has under this name. */
  digests: ReadonlySet<Digest>
}

/**
 * The folder of an image that is being uninstalled: it is removed with the image, or stays for another store.
 */
export type GoneFolder =
  | { path: string; bytes: number; stays: false }
  /** The other stores that it was laid out for; none if it does not say that it belongs to this one. */
  | { path: string; stays: true; stores: string[] }

/**
 * What happens to the folder that an image was laid out in. It is removed only if it says that it was laid
 * out from this image for this store, and for no other.
 */
export function folderOfGone({ fullName, digests }: GoneImage, store: string): GoneFolder | undefined {
  const path = folderOf(fullName, store)
  const metadata = metadataOf(path)
  if (!metadata) return undefined
  const images = imagesFolder(store)
  const stores = otherStores(metadata, images, store)
  const isOurs = isOfImage(metadata, digests) && isLaidOutFor(metadata, images, store)
  if (isOurs && stores.length === 0) return { path, bytes: metadata.size, stays: false }
  return { path, stays: true, stores }
}

/**
 * Renames the folder of an image that is being uninstalled, in one step, so that a folder in use stays as it
 * is. `removeSetAside` removes its content. A folder that stays forgets this store.
 * @throws PERMISSION_DENIED, STORE_LOCKED, IN_THE_WAY
 */
export async function setFolderAside(
  image: GoneImage,
  store: string,
  signal?: AbortSignal,
): Promise<GoneFolder | undefined> {
  if (!folderOfGone(image, store)) return undefined
  const folder = folderOf(image.fullName, store)
  return await withFolderLocked(folder, signal, async (lock) => {
    const found = folderOfGone(image, store)
    if (found)
      await inWords(`Removing ${folder}`, 'destination', () =>
        found.stays ? forget(image, store, lock) : setAside(folder, lock),
      )
    return found
  })
}

/** Also removes what a killed run has set aside, and its lock. @throws PERMISSION_DENIED */
export async function removeSetAside({ fullName }: GoneImage, store: string): Promise<void> {
  if (await isLinked(imagesFolder(store))) return
  const folder = folderOf(fullName, store)
  const { aside, staging } = placesBeside(folder)
  if (!existsSync(aside) && !existsSync(`${staging}.lock`)) return
  await withFolderLocked(folder, undefined, () =>
    inWords(`Removing ${aside}`, 'destination', () => removePath(aside, { recursive: true })),
  )
}

async function setAside(folder: string, lock: Held): Promise<void> {
  const { aside } = placesBeside(folder)
  await removePath(aside, { recursive: true })
  await renameUnder(lock, folder, aside)
  await syncFolder(path.dirname(folder))
}

async function forget({ fullName, digests }: GoneImage, store: string, lock: Held): Promise<void> {
  const folder = folderOf(fullName, store)
  const images = imagesFolder(store)
  const metadata = metadataOf(folder)
  if (!metadata || !isOfImage(metadata, digests) || !isLaidOutFor(metadata, images, store)) return
  const others = metadata.stores.filter(
    (name) => !isLaidOutFor({ ...metadata, stores: [name] }, images, store),
  )
  await writeStores(folder, metadata, others, lock)
}

function isOfImage({ digest }: FolderMetadata, digests: ReadonlySet<Digest>): boolean {
  return digest !== undefined && digests.has(digest)
}
