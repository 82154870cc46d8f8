import { createHash } from 'node:crypto'
import path from 'node:path'
import type { Entry } from '../../catalog/entry.js'
import { printable } from '../../manifests/index.js'
import { notesOn } from '../choice/absent-notes.js'
import { imagesIn } from '../choice/archive-images.js'
import type { ChosenImage, RootChoice } from '../choice/chosen-image.js'
import { identity } from '../choice/identity.js'
import { type Downloaded, download } from '../copy/download.js'
import { closeAll, closedAfter } from '../io/closing/closing.js'
import { type Lock, takeLock, UNTIL_DONE_MS, unlessLost } from '../io/files/lock.js'
import { removePath } from '../io/files/rename-and-remove.js'
import { openUrl } from '../registry/document.js'
import type { Context } from '../session/context.js'
import { makeIngestFolder } from '../store/folders.js'
import { type OpeningRequest, openOptions } from './open-options.js'
import { openToTake } from './open-to-take.js'

export type UrlLocation = Entry['location'] & { kind: 'url' }

/**
 * Fetches the file of an entry under its own name.
 * @throws DIGEST_MISMATCH, SIZE_MISMATCH, NO_SPACE, network errors
 */
export async function fetchUrl(
  context: Context,
  location: UrlLocation,
  file: string,
  { label, lock }: { label: string; lock?: Lock },
): Promise<Downloaded> {
  const client = await context.registry()
  const { signal, onProgress } = context.options
  const insecure = { insecure: location.insecure }
  const openAt = (from: number) => openUrl(client, location.url, { from, ...insecure, signal })
  const { sha256, size } = location
  return await download(file, openAt, { label, sha256, size, lock, signal, onProgress })
}

/** A file that was fetched to the store's ingest folder. */
interface FetchedFile {
  file: string
  /** To be called when it is no longer needed. */
  remove(): Promise<void>
}

/**
 * An error about a fetched file names it as the URL does: its name in the store means nothing to the reader.
 */
export function namedByUrl<T>(error: T, file: string, { url }: UrlLocation): T {
  if (!(error instanceof Error)) return error
  const name = printable(path.posix.basename(new URL(url).pathname))
  error.message = error.message.replaceAll(file, name).replaceAll(path.basename(file), name)
  return error
}

/** @throws as fetchUrl */
export async function fetchToStore(
  context: Context,
  location: UrlLocation,
  label: string,
): Promise<FetchedFile> {
  const { places } = await context.store()
  await makeIngestFolder(places)
  const name = createHash('sha256').update(location.url).digest('hex').slice(0, 32)
  const file = path.join(places.ingestFolder, `download-${name}`)
  const { signal } = context.options
  // Held until the file has been used: `prune` removes what nobody holds, and a second process waits its
  // turn.
  const lock = await takeLock(`${file}.lock`, { patience: UNTIL_DONE_MS, signal })
  const remove = (): Promise<void> =>
    closeAll([() => unlessLost(lock, () => removePath(file)), () => lock.release()])
  try {
    await fetchUrl(context, location, file, { label, lock })
    return { file, remove }
  } catch (error) {
    throw await closedAfter(error, remove)
  }
}

/**
 * The images in the file of an entry, for installing: fetched to the store's ingest folder, and removed when
 * its source is closed.
 */
export async function fromUrl(
  context: Context,
  entry: Entry,
  location: UrlLocation,
  request: OpeningRequest,
  choice: RootChoice,
): Promise<ChosenImage[]> {
  const { signal } = choice
  const { file, remove } = await fetchToStore(context, location, `${entry.name} ${entry.version}`)
  // The file is closed before it goes: Windows removes none that is open.
  const held = [remove]
  try {
    const { name, version } = entry
    const options = { ...(await openOptions(context, request)), name, version, signal }
    const { collection, admit } = await openToTake(context, file, options, request)
    const closeSource = collection.close.bind(collection)
    held.unshift(closeSource)
    const found = await imagesIn(collection, {}, choice)
    const images = found.map((image) => ({ ...image, ...identity(entry) }))
    await admit(() => images)
    for (const note of await notesOn(collection, choice.signal)) context.note(note)
    collection.close = () => closeAll(held)
    return images
  } catch (error) {
    throw await closedAfter(namedByUrl(error, file, location), ...held)
  }
}
