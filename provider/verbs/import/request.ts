import type { Digest } from '../../../manifests/index.js'
import type { CommonOptions } from '../../session/options.js'
import type { MovedName } from '../../store/moved-names.js'
import type { NewImageOptions } from '../commit/request.js'

export interface ImportRequest extends CommonOptions, NewImageOptions {
  /** The tar of a root file system, plain or compressed; `-` for standard input. */
  path: string
  /** os/architecture[/variant]; default: that of the programs in it, or else of this machine. */
  platform?: string | undefined
}

export interface ImportResult {
  /** The name in full: `base:1.0`. */
  image: string
  /** Of the manifest. */
  digest: Digest
  /** Of the config: the image's id in docker. */
  id: Digest
  /** All names that it got. */
  tags: string[]
  /** `linux/amd64`. */
  platform: string
  /** The layer that the tar became. */
  layer: { digest: Digest; size: number }
  /** Names that meant other images before. */
  moved: MovedName[]
}
