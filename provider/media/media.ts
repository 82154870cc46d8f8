import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import {
  ContainerImageError,
  hasCode,
  INDEX_FILE,
  LAYOUT_FILE,
  MEDIA_FILE,
  type MediaList,
  parseMediaList,
} from '../../manifests/index.js'
import { fromSystem } from '../files/system-errors.js'
import { readEntries } from '../store/index-file.js'
import { Places } from '../store/places.js'
import type { Store } from '../store/store.js'

/** A folder that is carried: an OCI layout that all its images share, a list of its files, and a page. */
export interface Media {
  root: string
  /** The layout, which is written as a store is. */
  store: Store
}

/** Whether a folder is a media already. */
export async function isMedia(folder: string): Promise<boolean> {
  return await stat(path.join(folder, MEDIA_FILE)).then(
    (stats) => stats.isFile(),
    () => false,
  )
}

/**
 * A folder as a media that can be extended; what else lies in it is left alone.
 * @throws LAYOUT_INVALID where it holds part of a layout that is none
 */
export async function openMedia(root: string): Promise<Media> {
  const names = await readdir(root).catch((error) => {
    throw fromSystem(error, `Reading ${root}`, 'destination')
  })
  // A run that was killed while it made the layout left the first file and not the second.
  if (names.includes(INDEX_FILE) && !names.includes(LAYOUT_FILE))
    throw new ContainerImageError('LAYOUT_INVALID', `${root} holds an ${INDEX_FILE} that is not a media's.`, {
      side: 'destination',
      expected: 'a media, an OCI image layout, or a folder without either',
      found: `${INDEX_FILE} without ${LAYOUT_FILE}`,
      remedy: 'Choose another folder with --path.',
    })
  const places = new Places(root)
  return { root, store: { places, entries: () => readEntries(places) } }
}

/** The file list of a media; undefined where it has none yet. @throws INVALID_DOCUMENT */
export async function readMediaList(root: string): Promise<MediaList | undefined> {
  const file = path.join(root, MEDIA_FILE)
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw fromSystem(error, `Reading ${file}`, 'source')
  })
  return bytes && parseMediaList(bytes)
}

/** The list of a media that is being extended; one that is damaged is made anew. */
export async function listBefore(root: string): Promise<MediaList | undefined> {
  try {
    return await readMediaList(root)
  } catch (error) {
    if (!hasCode(error, 'INVALID_DOCUMENT', 'DOCUMENT_TOO_LARGE')) throw error
    return undefined
  }
}
