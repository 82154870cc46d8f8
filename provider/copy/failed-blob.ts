import { ContainerImageError, type Digest } from '../../manifests/index.js'

const BLOBS = new WeakMap<ContainerImageError, Digest>()

/**
 * Runs the work on one blob; if it fails on the side of the source, the error remembers which blob it was
 * about.
 */
export async function tellingBlob<T>(digest: Digest, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const isOfSource = error instanceof ContainerImageError && error.side === 'source'
    // The error about one blob also stops the work on the others, and comes through here again.
    if (isOfSource && !BLOBS.has(error)) BLOBS.set(error, digest)
    throw error
  }
}

/** The blob that a copy could not get from its source; undefined if something else failed. */
export function failedBlob(error: unknown): Digest | undefined {
  return error instanceof ContainerImageError ? BLOBS.get(error) : undefined
}
