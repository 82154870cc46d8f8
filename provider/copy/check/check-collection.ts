import type { ImageCollection } from '../ports.js'
import { type BlobToCheck, type HashOptions, hashBlobs } from './hash-blobs.js'
import type { VerifyResult } from './verify-result.js'
import { walkDocuments } from './walk.js'

/** Checks whatever holds images and is not a layout: everything that its images need is read and compared. */
export async function verifyCollection(
  collection: ImageCollection,
  options: HashOptions,
): Promise<VerifyResult> {
  const roots = (await collection.images()).map((image) => image.root)
  const { needed, layers, problems } = await walkDocuments(collection, roots, options.signal)
  const descriptors = [...needed.values()]
  const ordered = collection.order?.(descriptors) ?? descriptors
  const known = new Set(problems.map((problem) => problem.digest))
  const blobs: BlobToCheck[] = []
  for (const descriptor of ordered) {
    if (known.has(descriptor.digest)) continue
    const range = await collection.locate?.(descriptor).catch(() => undefined)
    blobs.push({
      descriptor,
      path: collection.label,
      layer: layers.of(descriptor),
      read: (signal) => collection.read(descriptor, { signal }),
      range,
    })
  }
  const bytes = descriptors.reduce((sum, descriptor) => sum + descriptor.size, 0)
  options.onProgress?.({ type: 'begin', task: `Verifying ${collection.label}`, total: bytes })
  const found = await hashBlobs(blobs, { ...options, concurrency: collection.concurrency })
  options.onProgress?.({ type: 'end', task: `Verifying ${collection.label}` })
  const all = [...problems, ...found]
  return { ok: all.length === 0, blobs: descriptors.length, bytes, problems: all }
}
