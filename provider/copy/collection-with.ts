import type { ImageCollection } from './ports.js'

/** A collection with some members replaced: everything else goes to the original. */
export function collectionWith(
  collection: ImageCollection,
  changes: Partial<ImageCollection>,
): ImageCollection {
  const { label, format, concurrency, isComplete, delta, documents } = collection
  return {
    label,
    format,
    concurrency,
    isComplete,
    delta,
    documents,
    images: collection.images.bind(collection),
    offers: collection.offers?.bind(collection),
    notes: collection.notes?.bind(collection),
    made: collection.made?.bind(collection),
    resolve: collection.resolve.bind(collection),
    read: collection.read.bind(collection),
    locate: collection.locate?.bind(collection),
    holds: collection.holds?.bind(collection),
    knownLayer: collection.knownLayer?.bind(collection),
    order: collection.order?.bind(collection),
    referrers: collection.referrers?.bind(collection),
    close: collection.close.bind(collection),
    ...changes,
  }
}
