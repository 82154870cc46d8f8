import { ContainerImageError, type Digest } from '../../manifests/index.js'

const BLOBS = new WeakMap<ContainerImageError, Digest>()

/** Runs the work on one blob; of an error on the side of the source it is known from then on which blob it was over. */
export async function tellingBlob<T>(digest: Digest, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const isOfSource = error instanceof ContainerImageError && error.side === 'source'
    // The error over one blob also stops the work on the others, and passes by here again.
    if (isOfSource && !BLOBS.has(error)) BLOBS.set(error, digest)
    throw error
  }
}

/** The blob that a copy could not have from its source; undefined where it failed over something else. */
export function failedBlob(error: unknown): Digest | undefined {
  return error instanceof ContainerImageError ? BLOBS.get(error) : undefined
}
