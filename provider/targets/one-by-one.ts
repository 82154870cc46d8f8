import { hasCode } from '../../manifests/index.js'
import { type ImageIdentity, labelOf } from '../names/image-names.js'
import { Brought } from '../session/brought.js'
import type { Failures } from '../session/failures.js'
import { inParts } from './in-parts.js'

/** If they cannot all be done together, this few are done one by one at once. */
const FEW = 16

/**
 * Does something with all images of a request at once; if that fails and the run keeps going, with fewer at a
 * time, down to the one that fails: giving a thousand names one by one would mean writing the index a
 * thousand times. By then everything that could be copied is there.
 * @param imageOf one of them, for its name
 * @param failures undefined if the first failure ends the work anyway
 * @param work is told what earlier attempts have copied
 */
export async function togetherOrOneByOne<T>(
  images: T[],
  imageOf: (one: T) => ImageIdentity,
  failures: Failures | undefined,
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
      if (!first || isForAll || !failures?.goesOnAfter(error)) throw error
      if (others.length === 0) failures.add(labelOf(imageOf(first)), error)
      else
        for (const fewer of inParts(some, some.length > FEW ? Math.sqrt(some.length) : 1))
          await attempt(fewer)
    }
  }
  await attempt(images)
}
