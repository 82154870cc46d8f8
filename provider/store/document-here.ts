import { type Digest, digestOf, hasCode, splitDigest } from '../../manifests/index.js'
import { readDocument } from '../io/files/read-document.js'
import { Places } from './places.js'

/**
 * A document that a store or a media has, where it has it whole: a digest means the same bytes everywhere. What is
 * damaged, or cannot be read, is not here.
 * @param limit in bytes
 */
export async function documentHere(
  folder: string,
  digest: Digest,
  limit: number,
): Promise<Uint8Array | undefined> {
  try {
    const bytes = await readDocument(new Places(folder).blob(digest), limit)
    return splitDigest(digest).algorithm === 'sha256' && digestOf(bytes) === digest ? bytes : undefined
  } catch (error) {
    if (hasCode(error, 'INTERRUPTED')) throw error
    return undefined
  }
}
