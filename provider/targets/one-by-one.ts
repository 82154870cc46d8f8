import { hasCode } from '../../manifests/index.js'
import { type ImageIdentity, labelOf } from '../names/image-names.js'
import { Brought } from '../session/brought.js'
import { inParts } from './in-parts.js'

/** If they cannot all be done together, this few are done one by one at once. */
const FEW = 16

/** What becomes of a failure. */
export interface Attempts {
  /** Whether the rest is tried with fewer at a time. */
  goesOnAfter(error: unknown): boolean
  /** Keeps the failure of the one that is to blame. @throws the error itself if the work ends there */
  add(name: string, error: unknown): void
}

/**
 * Does something with all images of a request at once; if that fails and the run keeps going, with fewer at a
 * time, down to the one that fails: giving a thousand names one by one would mean writing the index a
 * thousand times. By then everything that could be copied is there.
 * @param imageOf one of them, for its name
 * @param attempts undefined if the first failure ends the work anyway
 * @param work is told what earlier attempts have copied
 */
export async function togetherOrOneByOne<T>(
  images: T[],
  imageOf: (one: T) => ImageIdentity,
  attempts: Attempts | undefined,
  work: (images: T[], brought: Brought) => Promise<void>,
): Promise<void> {
  const brought = new Brought()
  const attempt = async (some: T[]): Promise<void> => {
    try {
      await work(some, brought)
    } catch (error) {
      const [first, ...others] = some
      // Done separately, each of two images that want the same name would get it.
      const isForAll = some === images && hasCode(error, 'AMBIGUOUS_NAME')
      if (!first || isForAll || !attempts?.goesOnAfter(error)) throw error
      if (others.length === 0) attempts.add(labelOf(imageOf(first)), error)
      else
        for (const fewer of inParts(some, some.length > FEW ? Math.sqrt(some.length) : 1))
          await attempt(fewer)
    }
  }
  await attempt(images)
}
