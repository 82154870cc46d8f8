import { type Descriptor, hasCode, splitDigest } from '../../manifests/index.js'
import type { Hasher, HashOptions } from '../hashing/hasher.js'
import { hasBlob } from './ingest.js'
import type { Places } from './places.js'

/** Whether a blob is there with its full size and its digest: reads all of it, where `hasBlob` trusts its name. */
export async function isWholeBlob(
  places: Places,
  descriptor: Descriptor,
  hasher: Hasher,
  options: HashOptions = {},
): Promise<boolean> {
  if (!(await hasBlob(places, descriptor))) return false
  const { algorithm, hex } = splitDigest(descriptor.digest)
  const source = { path: places.blob(descriptor.digest), offset: 0, size: descriptor.size }
  try {
    return (await hasher.run({ source, algorithm }, options)).hex === hex
  } catch (error) {
    // Cut or removed since it was asked for.
    if (hasCode(error, 'FILE_CHANGED', 'PATH_NOT_FOUND', 'SIZE_MISMATCH')) return false
    throw error
  }
}
