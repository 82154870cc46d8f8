import {
  ContainerImageError,
  type Descriptor,
  type Digest,
  hasCode,
  isForeignLayerType,
  layerCompression,
  option,
  show,
  splitDigest,
} from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { isBadInput } from '../../copy/bad-input.js'
import { copy } from '../../copy/copy.js'
import { sizeMismatch } from '../../copy/verified.js'
import { verifiedRange } from '../../copy/verified-range.js'
import type { FileRange } from '../../io/bytes.js'
import { closedAfter } from '../../io/closing/closing.js'
import type { Context } from '../../session/context.js'
import { announceArrival } from '../../store/arrivals.js'
import { hasBlob } from '../../store/ingest.js'
import { storeSink } from '../../store/sink.js'
import { makeStore } from '../../store/store.js'
import { takeBack } from '../../store/sweep.js'

/** A verified layer in a file on this machine. */
export interface LayerFile {
  descriptor: Descriptor
  compression: 'none' | 'gzip' | 'zstd'
  range: FileRange
}

/**
 * The layers of an image, lowest first; with how many bytes had to be fetched, and how many were already
 * here.
 */
export interface LayerFiles {
  layers: LayerFile[]
  fetchedBytes: number
  reusedBytes: number
}

/**
 * Provides the layers of an image as files that can be read repeatedly: in place if they are already files;
 * else they are copied into the store for the time of the work, and stay there if it is interrupted.
 * @throws ARCHIVE_UNKNOWN for anything but a layer; BLOB_MISSING for foreign layers that are not there;
 * DIGEST_MISMATCH, SIZE_MISMATCH, NO_SPACE, network errors, and what the work throws
 */
export async function withLayerFiles<T>(
  context: Context,
  image: ChosenImage,
  layers: readonly Descriptor[],
  work: (files: LayerFiles) => Promise<T>,
): Promise<T> {
  const compressions = layers.map((layer) => compressionOf(layer, image))
  const inPlace = await locateAll(image, layers)
  const elsewhere = distinct(layers.filter(({ digest }) => !inPlace.has(digest)))
  for (const layer of layers) {
    const range = inPlace.get(layer.digest)
    if (range) await verifyRange(context, layer, range, image)
  }
  return await withBlobs(context, image, elsewhere, async (brought, moved) => {
    const files = layers.map((descriptor, i) => ({
      descriptor,
      compression: compressions[i] ?? 'none',
      range: inPlace.get(descriptor.digest) ?? brought(descriptor),
    }))
    const located = distinct(layers.filter(({ digest }) => inPlace.has(digest)))
    const locatedBytes = located.reduce((sum, { size }) => sum + size, 0)
    return await work({ layers: files, ...moved, fetchedBytes: moved.fetchedBytes + locatedBytes })
  })
}

/** @throws ARCHIVE_UNKNOWN for encrypted layers, and for anything but a layer */
function compressionOf({ mediaType, digest }: Descriptor, image: ChosenImage): 'none' | 'gzip' | 'zstd' {
  const compression = layerCompression(mediaType)
  if (compression) return compression
  throw new ContainerImageError(
    'ARCHIVE_UNKNOWN',
    `${image.name} ${image.version} has a layer that cannot be read: ${digest}.`,
    {
      side: 'source',
      expected: 'a tar, compressed with gzip or zstd or not at all',
      found: show(mediaType),
      remedy: /encrypted/.test(mediaType)
        ? `Decrypt the image first, or save it without ${option('format')} wim.`
        : `Save it without ${option('format')} wim: then its layers are kept as they are.`,
    },
  )
}

async function locateAll(image: ChosenImage, layers: readonly Descriptor[]): Promise<Map<Digest, FileRange>> {
  const found = new Map<Digest, FileRange>()
  for (const layer of layers) {
    const range = await named([layer], image, async () => await image.source.locate?.(layer))
    if (range) found.set(layer.digest, range)
  }
  return found
}

/** Archives may leave out foreign layers: then a missing one is not damage, but its files are needed. */
async function named<T>(
  layers: readonly Descriptor[],
  image: ChosenImage,
  step: () => Promise<T>,
): Promise<T> {
  try {
    return await step()
  } catch (error) {
    if (!hasCode(error, 'BLOB_MISSING', 'NOT_FOUND')) throw error
    const { message } = error
    const missing = layers.find(
      ({ digest, mediaType }) => isForeignLayerType(mediaType) && message.includes(splitDigest(digest).hex),
    )
    throw missing ? foreignMissing(missing, image, error) : error
  }
}

function foreignMissing(layer: Descriptor, image: ChosenImage, cause: unknown): ContainerImageError {
  return new ContainerImageError(
    'BLOB_MISSING',
    `The foreign layer ${layer.digest} of ${image.name} ${image.version} is not in ${image.source.label}.`,
    {
      side: 'source',
      expected: `${layer.size} bytes`,
      found: 'nothing',
      remedy: `Save the image again from its registry, without ${option('noForeign')}, and make the WIM of that.`,
      details: { digest: layer.digest },
      cause,
    },
  )
}

async function verifyRange(
  context: Context,
  layer: Descriptor,
  range: FileRange,
  { source, made = [] }: ChosenImage,
): Promise<void> {
  if (range.size !== layer.size) throw sizeMismatch(layer, range.size, source.label)
  // Hashed while it was made, just now.
  if (made.some(({ digest }) => digest === layer.digest)) return
  const { signal } = context.options
  await verifiedRange(context.hasher, range, layer, { label: source.label, signal })
}

/** Copies blobs into the store, and afterwards removes those that nothing there needs. */
async function withBlobs<T>(
  context: Context,
  image: ChosenImage,
  blobs: Descriptor[],
  work: (
    place: (descriptor: Descriptor) => FileRange,
    moved: { fetchedBytes: number; reusedBytes: number },
  ) => Promise<T>,
): Promise<T> {
  const store = await context.store()
  const { places } = store
  const place = ({ digest, size }: Descriptor): FileRange => ({ path: places.blob(digest), offset: 0, size })
  if (blobs.length === 0) return await work(place, { fetchedBytes: 0, reusedBytes: 0 })
  await makeStore(places)
  const arrival = await announceArrival(places)
  const brought = new Set<Digest>()
  try {
    for (const blob of blobs) if (!(await hasBlob(places, blob))) brought.add(blob.digest)
    const moved = await bring(context, image, blobs)
    const result = await work(place, moved)
    await takeBack(places, brought)
    return result
  } catch (error) {
    throw isBadInput(error) ? await closedAfter(error, () => takeBack(places, brought)) : error
  } finally {
    await arrival.release()
  }
}

async function bring(
  context: Context,
  image: ChosenImage,
  blobs: Descriptor[],
): Promise<{ fetchedBytes: number; reusedBytes: number }> {
  const { signal, onProgress } = context.options
  const plan = { contents: blobs, documents: new Map<Digest, Uint8Array>(), images: [] }
  const task = `Fetching ${image.name} ${image.version}`
  const sink = storeSink(await context.store(), context.hasher)
  const { copiedBytes, reusedBytes } = await named(blobs, image, () =>
    copy(image.source, plan, sink, { task, signal, onProgress }),
  )
  return { fetchedBytes: copiedBytes, reusedBytes }
}

function distinct(layers: readonly Descriptor[]): Descriptor[] {
  return [...new Map(layers.map((layer) => [layer.digest, layer])).values()]
}
