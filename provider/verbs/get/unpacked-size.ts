import type { Descriptor } from '../../../manifests/index.js'
import type { Store } from '../../store/store.js'

/**
 * The unpacked size of an image's layers, in bytes, as docker shows it; undefined if one of them was never
 * checked, or is not there. Nothing is read for this: the store knows it from the install, or from a check.
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
