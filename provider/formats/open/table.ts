import { directory } from '../directory/format.js'
import { dockerArchive } from '../docker-archive/format.js'
import type { Format } from '../format.js'
import { layout } from '../layout/format.js'
import { media } from '../media/format.js'
import { ociArchive } from '../oci-archive/format.js'
import { rootfs } from '../rootfs/format.js'
import { sevenZip } from '../seven-zip/format.js'
import { volumes } from '../volumes/format.js'
import { wim } from '../wim/format.js'
import { zip } from '../zip/format.js'
import type { OpenOptions } from './open-options.js'

/**
 * Every format there is. A path and its content are treated as the first format that recognises them: a new
 * one goes before `rootfs`, which refuses anything that is not a tar. Whatever none of them recognises is
 * read as a tar.
 */
export const FORMATS: Format<OpenOptions>[] = [
  volumes,
  layout,
  ociArchive,
  directory,
  dockerArchive,
  media,
  wim,
  zip,
  sevenZip,
  rootfs,
]
