import path from 'node:path'
import { collectionWith } from '../../copy/collection-with.js'
import type { ImageCollection } from '../../copy/ports.js'
import { openPath } from '../../formats/open/open-path.js'
import type { Bytes } from '../../io/bytes.js'
import { closeAll, closedAfter } from '../../io/closing/closing.js'
import { makeScratch, type ScratchPlace } from '../../io/files/scratch.js'
import { writeNewFile } from '../../io/files/write-new-file.js'

export interface SavedOptions {
  scratch?: ScratchPlace
  signal?: AbortSignal
}

/**
 * Images as an engine saves them: into a file that is removed when the collection is closed, as the document that says
 * where the layers are comes last.
 * @throws NO_SPACE, and what the engine's bytes throw
 */
export async function savedImages(
  engine: Partial<ImageCollection>,
  save: () => Bytes,
  { scratch: place, signal }: SavedOptions,
): Promise<ImageCollection> {
  const scratch = await makeScratch(place)
  try {
    const file = path.join(scratch.path, 'images.tar')
    await writeNewFile(file, save())
    const collection = await openPath(file, { signal })
    return collectionWith(collection, { ...engine, close: () => closeAll([collection, scratch.remove]) })
  } catch (error) {
    throw await closedAfter(error, scratch.remove)
  }
}
