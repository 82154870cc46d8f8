import path from 'node:path'
import {
  DELTA_FILE,
  type DeltaList,
  type Digest,
  deltaListBytes,
  hasCode,
  LIMITS,
  parseDeltaList,
} from '../../../manifests/index.js'
import { mergedDeltas } from '../../../manifests/merged-deltas.js'
import { replaceFile } from '../../io/files/durable.js'
import { fileInside } from '../../io/files/inside-folder.js'
import { readDocument } from '../../io/files/read-document.js'
import { removePath } from '../../io/files/rename-and-remove.js'
import { inWords } from '../../io/files/system-errors.js'
import type { Hasher } from '../../io/hashing/hasher.js'
import { closureOf } from '../../store/closure.js'
import type { Media } from './media.js'

/**
 * Writes the list of what the images of a media need but it does not carry: what was left out now and
 * earlier, unless it has been added since or is no longer needed. A media that has become complete has no
 * such file.
 */
export async function noteDelta(
  { root, store }: Media,
  hasher: Hasher,
  added?: DeltaList,
): Promise<DeltaList | undefined> {
  const file = path.join(root, DELTA_FILE)
  const merged = mergedDeltas([await deltaBefore(root), added])
  if (!merged) return undefined
  const needed = await closureOf(store.places, await store.entries())
  const missing: DeltaList['missing'] = []
  for (const blob of merged.missing) {
    const descriptor = needed.get(blob.digest)
    if (descriptor && !(await store.checked.has(descriptor, hasher))) missing.push(blob)
  }
  missing.sort((a, b) => (a.digest < b.digest ? -1 : 1))
  return await inWords(`Writing ${file}`, 'destination', async () => {
    if (missing.length === 0) {
      await removePath(file)
      return undefined
    }
    const delta: DeltaList = { ...merged, missing }
    await replaceFile(file, deltaListBytes(delta))
    return delta
  })
}

/** The blobs of a media that no image names, but that layers are made from on the other side. */
export async function carriedDeltas(root: string): Promise<Set<Digest>> {
  const missing = (await deltaBefore(root))?.missing ?? []
  return new Set(missing.flatMap(({ delta }) => delta?.digest ?? []))
}

/** A damaged list is made again. */
async function deltaBefore(root: string): Promise<DeltaList | undefined> {
  try {
    const file = await fileInside(root, DELTA_FILE)
    return file === undefined ? undefined : parseDeltaList(await readDocument(file, LIMITS.indexBytes))
  } catch (error) {
    if (!hasCode(error, 'INVALID_DOCUMENT', 'DOCUMENT_TOO_LARGE')) throw error
    return undefined
  }
}
