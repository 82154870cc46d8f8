import { lstat } from 'node:fs/promises'
import {
  type Descriptor,
  hasCode,
  isIndexType,
  isManifestType,
  printable,
  shortDigest,
} from '../../../manifests/index.js'
import { removeEmpty } from '../../io/files/rename-and-remove.js'
import { checkSpace } from '../../io/files/space.js'
import type { Context } from '../../session/context.js'
import { announceArrival } from '../../store/arrivals.js'
import { ingest } from '../../store/ingest.js'
import { makeStore, type Store } from '../../store/store.js'
import type { Offer } from './offers.js'

/** What is to be restored, and where it may be available. */
export interface Wanted {
  descriptor: Descriptor
  offers: readonly Offer[]
}

/**
 * Copies blobs into the store, each from the first place that gives its bytes: checked, synced, under its
 * lock, like every blob. What was copied stays even if the run is stopped, and the next one continues a
 * partial blob.
 * @returns how many bytes were copied; what no place gave is still wrong
 * @throws NO_SPACE, PERMISSION_DENIED, INTERRUPTED
 */
export async function bringBack(context: Context, store: Store, wanted: readonly Wanted[]): Promise<number> {
  if (wanted.length === 0) return 0
  const { places } = store
  await checkSpace(places.root, sizeOf(wanted))
  await makeStore(places)
  // So that a `prune` at the same time keeps what is below a document that is yet to come.
  const arrival = await announceArrival(places)
  const { onProgress } = context.options
  const task = `Repairing ${places.root}`
  onProgress?.({ type: 'begin', task, total: sizeOf(wanted) })
  let bytes = 0
  try {
    for (const one of [...wanted].sort(documentsFirst)) bytes += await bringOne(context, store, one)
  } finally {
    onProgress?.({ type: 'end', task })
    await arrival.release()
  }
  return bytes
}

function sizeOf(wanted: readonly Wanted[]): number {
  return wanted.reduce((sum, { descriptor }) => sum + descriptor.size, 0)
}

function documentsFirst(a: Wanted, b: Wanted): number {
  return rank(a) - rank(b) || b.descriptor.size - a.descriptor.size
}

function rank({ descriptor: { mediaType } }: Wanted): number {
  return isIndexType(mediaType) ? 0 : isManifestType(mediaType) ? 1 : 2
}

async function bringOne(context: Context, store: Store, { descriptor, offers }: Wanted): Promise<number> {
  const { digest: id, size } = descriptor
  const { signal, onProgress } = context.options
  onProgress?.({ type: 'blob', id, label: shortDigest(id), size })
  try {
    for (const { label, source } of offers)
      try {
        await clearFolder(store.places.blob(id))
        const range = await source.locate?.(descriptor)
        let copied = 0
        await ingest(
          store,
          {
            descriptor,
            open: (from) => source.read(descriptor, { from, ...(signal ? { signal } : {}) }),
            ...(range ? { range } : {}),
            ...(signal ? { signal } : {}),
            onBytes(count, kind) {
              if (kind === 'copied') copied += count
              onProgress?.({ type: 'bytes', id, count, kind })
            },
          },
          context.hasher,
        )
        return copied
      } catch (error) {
        if (!isOfThePlace(error)) throw error
        context.note(`${printable(label)} does not give blob ${id}: ${printable(error.message)}`)
      }
    return 0
  } finally {
    onProgress?.({ type: 'blob-end', id })
  }
}

/** Where another place may still have it. */
function isOfThePlace(error: unknown): error is Error {
  return hasCode(
    error,
    'DIGEST_MISMATCH',
    'SIZE_MISMATCH',
    'NOT_FOUND',
    'BLOB_MISSING',
    'ARCHIVE_INVALID',
    'INVALID_DOCUMENT',
    'DOCUMENT_TOO_LARGE',
    'VOLUME_MISSING',
    'VOLUME_DAMAGED',
    'NETWORK_UNREACHABLE',
    'NETWORK_TIMEOUT',
    'UNAUTHORIZED',
    'RATE_LIMITED',
    'REGISTRY_ERROR',
    'REDIRECT_REFUSED',
    'CERTIFICATE_UNTRUSTED',
    'ENGINE_REFUSED',
    'ENGINE_UNREACHABLE',
    'FILE_CHANGED',
    'PATH_NOT_FOUND',
  )
}

/** A file takes the place of a link or a pipe by itself; of a folder only where that is empty. */
async function clearFolder(place: string): Promise<void> {
  const stats = await lstat(place).catch(() => undefined)
  if (stats?.isDirectory()) await removeEmpty(place).catch(() => {})
}
