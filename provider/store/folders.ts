import path from 'node:path'
import { checkFolderBelow, makeFolderBelow } from '../io/files/folder-below.js'
import { inWords } from '../io/files/system-errors.js'
import type { Places } from './places.js'

const ALGORITHMS = ['sha256', 'sha512']

/**
 * Refuses links among the folders of a layout, before anything is written to them or removed from them: a
 * link may lead to another store, or to something that must not be removed. The layout's own folder may be
 * reached through links.
 * @throws IN_THE_WAY
 */
export async function checkFolders({ root, blobsFolder, ingestFolder }: Places): Promise<void> {
  await checkFolderBelow(root, ingestFolder)
  for (const algorithm of ALGORITHMS) await checkFolderBelow(root, path.join(blobsFolder, algorithm))
}

/** Makes the folder for incoming blobs; a layout that another program made has none. @throws IN_THE_WAY */
export async function makeIngestFolder(places: Places): Promise<void> {
  await inWords(`Writing ${places.root}`, 'destination', async () => {
    await checkFolders(places)
    await makeFolderBelow(places.root, places.ingestFolder)
  })
}
