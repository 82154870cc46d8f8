import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { Places } from './places.js'

/** Anyone who may write to one of these decides what is installed. */
function guarded({ root, blobsFolder, ingestFolder, indexFile }: Places): string[] {
  return [root, blobsFolder, path.join(blobsFolder, 'sha256'), ingestFolder, indexFile]
}

/**
 * The first folder or file of a store that anyone other than its owner may write to; undefined if there is
 * none. On Windows such permissions are kept in another way, which Node does not show.
 */
export async function openToOthers(places: Places): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined
  for (const place of guarded(places)) {
    const mode = await stat(place).then(
      (stats) => stats.mode,
      () => 0,
    )
    if ((mode & 0o022) !== 0) return place
  }
  return undefined
}
