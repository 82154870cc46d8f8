import type { Descriptor } from '../../../manifests/index.js'
import type { Store } from '../../store/store.js'

/**
 * What the layers of an image add up to once they are unpacked, in bytes, as docker shows it; undefined if one of them
 * was never looked into, or is not there. Nothing is read for it: the store knows it from the install, or from a check.
 */
export async function unpackedSize(
  { checked }: Store,
  layers: readonly Descriptor[],
): Promise<number | undefined> {
  let sum = 0
  for (const { digest } of layers) {
    const bytes = await checked.unpacked(digest)
    if (bytes === undefined) return undefined
    sum += bytes
  }
  return sum
}
