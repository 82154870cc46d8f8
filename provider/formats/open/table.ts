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
 * Every format there is. A path, and what lies in it, is taken for the first that knows it: a new one stands before
 * `rootfs`, which refuses what is not a tar. Whatever none of them knows is read as a tar.
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
