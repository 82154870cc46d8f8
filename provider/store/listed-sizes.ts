import path from 'node:path'
import {
  BLOBS_FOLDER,
  type Digest,
  inUtf8,
  LIMITS,
  MEDIA_FILE,
  parseMediaList,
} from '../../manifests/index.js'
import { documentThere } from '../io/files/read-document.js'
import type { Places } from './places.js'

/**
 * What the files in each layer of a media add up to, in bytes, according to its list; nothing if it has none that can be
 * read. They are shown, and nothing relies on them: others may have written them.
 */
export async function sizesInList({ root }: Places): Promise<ReadonlyMap<Digest, number>> {
  const sizes = new Map<Digest, number>()
  try {
    const bytes = await documentThere(path.join(root, MEDIA_FILE), LIMITS.indexBytes, 'source')
    for (const { path: file, sha256, unpackedSize } of bytes ? parseMediaList(inUtf8(bytes)).files : [])
      if (unpackedSize !== undefined && file === `${BLOBS_FOLDER}/sha256/${sha256}`)
        sizes.set(`sha256:${sha256}`, unpackedSize)
  } catch {
    // What is wrong with the list is told by who checks the media.
  }
  return sizes
}
