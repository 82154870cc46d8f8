import { stat } from 'node:fs/promises'
import { ContainerImageError, command, option, show } from '../../../manifests/index.js'
import { isMedia } from '../../formats/media/media.js'
import { noSuchPath } from '../../io/files/no-such-path.js'

/** @throws PATH_NOT_FOUND, LAYOUT_INVALID for a folder that is not a media */
export async function checkIsMedia(root: string, place: string): Promise<void> {
  if (await isMedia(root)) return
  const isThere = await stat(root).then(
    () => true,
    () => false,
  )
  if (!isThere) throw noSuchPath(show(place), { side: 'destination', expected: 'a media' })
  throw new ContainerImageError('LAYOUT_INVALID', `${show(place)} is not a media.`, {
    side: 'destination',
    expected: 'a folder with a media',
    found: 'neither a list of a media nor its marks',
    remedy: `Name the folder that was saved with ${option('format')} media; ${command('save')} makes one.`,
  })
}
