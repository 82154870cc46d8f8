import { type Digest, digestOf, splitDigest } from '../../manifests/index.js'
import { documentIfReadable } from '../io/files/read-document.js'
import { Places } from './places.js'

/**
 * A document that a store or a media has, if it is complete there: a digest means the same bytes everywhere.
 * One that is damaged, or cannot be read, counts as missing.
 * @param limit in bytes
 */
export async function documentHere(
  folder: string,
  digest: Digest,
  limit: number,
): Promise<Uint8Array | undefined> {
  if (splitDigest(digest).algorithm !== 'sha256') return undefined
  const bytes = documentIfReadable(new Places(folder).blob(digest), limit)
  return bytes && digestOf(bytes) === digest ? bytes : undefined
}
