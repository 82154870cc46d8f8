import path from 'node:path'
import {
  BLOBS_FOLDER,
  type Digest,
  isDigest,
  LIMITS,
  MEDIA_FILE,
  parseMediaList,
} from '../../manifests/index.js'
import { readDocument } from '../io/files/read-document.js'
import type { Places } from './places.js'

/**
 * What the layers of a media unpack to, according to its list, in bytes. This is only for display: whoever carries the
 * media could have changed it. If the list cannot be read nothing is known; the code that needs the list reports that.
 */
export async function listedSizes({ root }: Places): Promise<ReadonlyMap<Digest, number>> {
  const sizes = new Map<Digest, number>()
  try {
    const { files } = parseMediaList(await readDocument(path.join(root, MEDIA_FILE), LIMITS.indexBytes))
    for (const { path: file, unpackedSize } of files) {
      const digest = file.replace(`${BLOBS_FOLDER}/sha256/`, 'sha256:')
      if (unpackedSize !== undefined && isDigest(digest)) sizes.set(digest, unpackedSize)
    }
  } catch {
    // A media that is being made does not have one yet.
  }
  return sizes
}
