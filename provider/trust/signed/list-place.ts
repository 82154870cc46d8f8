import { stat } from 'node:fs/promises'
import path from 'node:path'
import { SUMS_ENDING, SUMS_FILE } from '../../../manifests/index.js'
import { isLaterPart } from '../../formats/open/is-wim-file.js'
import { baseOfVolume } from '../../formats/volumes/volume.js'
import type { VolumeSet } from '../../formats/volumes/volume-set.js'
import { inWords } from '../../io/files/system-errors.js'
import { filesRead } from './read-files.js'

/** Where the list of the sums of something that is carried is, if there is one. */
export interface ListPlace {
  /** What the list is for. */
  kind: 'media' | 'files'
  /** The paths at which it may be; the first that exists counts. */
  candidates: string[]
}

/**
 * A media has its list inside; that of an archive, or of a set of volumes, is beside it. All parts of a WIM share the
 * one of the first.
 * @param beside files among which other parts of a WIM are looked for
 */
export async function listPlace(
  place: string,
  set: VolumeSet | undefined,
  beside?: readonly string[],
): Promise<ListPlace> {
  if (set) {
    const name = `${baseOfVolume(set.list.volumes[0]?.name ?? '')}${SUMS_ENDING}`
    return { kind: 'files', candidates: set.folders.map((folder) => path.join(folder, name)) }
  }
  const found = await inWords(`Opening ${place}`, 'source', () => stat(place))
  if (found.isDirectory()) return { kind: 'media', candidates: [path.join(place, SUMS_FILE)] }
  const [first = place] = (await isLaterPart(place)) ? await filesRead(place, beside) : [place]
  return { kind: 'files', candidates: [`${first}${SUMS_ENDING}`] }
}
