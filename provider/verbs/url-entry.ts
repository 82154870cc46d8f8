import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { Entry } from '../../catalog/entry.js'
import { imagesIn } from '../choice/archive-images.js'
import type { ChosenImage, RootChoice } from '../choice/chosen-image.js'
import { identity } from '../choice/identity.js'
import type { Context } from '../context/context.js'
import { defined } from '../context/defined.js'
import { type Downloaded, download } from '../files/download.js'
import { makeFolder } from '../files/durable.js'
import { takeLock } from '../files/lock.js'
import { inWords } from '../files/system-errors.js'
import { openPath } from '../open/open-path.js'
import { openUrl } from '../registry/document.js'
import { type OpeningRequest, openOptions } from './open-options.js'

export type UrlLocation = Entry['location'] & { kind: 'url' }

/** Longer than any download takes; the holder's death is noticed at once all the same. */
const DOWNLOAD_PATIENCE_MS = 24 * 3600 * 1000

/**
 * Fetches the file of an entry under a name of its own.
 * @throws DIGEST_MISMATCH, SIZE_MISMATCH, NO_SPACE, network errors
 */
export async function fetchUrl(
  context: Context,
  location: UrlLocation,
  file: string,
  label: string,
): Promise<Downloaded> {
  const client = await context.registry()
  const { signal, onProgress } = context.options
  const insecure = location.insecure ? { insecure: true } : {}
  const openAt = (from: number) =>
    openUrl(client, location.url, { from, ...insecure, ...defined({ signal }) })
  const { sha256, size } = location
  return await download(file, openAt, { label, ...defined({ sha256, size, signal, onProgress }) })
}

/**
 * The images in the file of an entry, for installing: fetched into the store's ingest folder, and removed
 * when its source is closed.
 */
export async function fromUrl(
  context: Context,
  entry: Entry,
  location: UrlLocation,
  request: OpeningRequest,
  choice: RootChoice,
): Promise<ChosenImage[]> {
  const { places } = await context.store()
  await inWords(`Writing ${places.root}`, 'destination', () => makeFolder(places.ingestFolder))
  const name = createHash('sha256').update(location.url).digest('hex').slice(0, 32)
  const file = path.join(places.ingestFolder, `download-${name}`)
  const { signal } = choice
  // Held until the file was used: `prune` removes what nobody holds, and a second process waits its turn.
  const lock = await takeLock(`${file}.lock`, { patience: DOWNLOAD_PATIENCE_MS, ...defined({ signal }) })
  const remove = async (): Promise<void> => {
    await rm(file, { force: true })
    await lock.release()
  }
  try {
    await fetchUrl(context, location, file, `${entry.name} ${entry.version}`)
    const collection = await openPath(file, {
      ...(await openOptions(context, request)),
      name: entry.name,
      version: entry.version,
      ...defined({ signal }),
    })
    const images = await imagesIn(collection, {}, choice)
    for (const note of collection.notes?.() ?? []) context.note(note)
    const closeSource = collection.close.bind(collection)
    collection.close = async () => {
      await closeSource()
      await remove()
    }
    return images.map((image) => ({ ...image, ...identity(entry) }))
  } catch (error) {
    await remove()
    throw error
  }
}
