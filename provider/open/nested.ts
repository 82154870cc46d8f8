import path from 'node:path'
import { ContainerImageError, show } from '../../manifests/index.js'

/** An archive may hold one archive, and that one holds images. @throws ARCHIVE_UNKNOWN */
export function refuseNested(file: string): never {
  throw new ContainerImageError('ARCHIVE_UNKNOWN', `${file} is a zip or 7z within another.`, {
    side: 'source',
    expected: 'images, or one archive with images, within a zip or 7z',
    found: show(path.basename(file)),
    remedy: 'Unpack the outer one, and give what was in it.',
  })
}
