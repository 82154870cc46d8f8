import type { Digest } from '../../../manifests/index.js'
import type { LookRequest } from '../../inside/image/open-image.js'
import type { Loss } from '../../inside/unpack/losses.js'

export type { Loss } from '../../inside/unpack/losses.js'

export interface UnpackRequest extends LookRequest {
  /** The folder that the root file system goes into; made if it is not there. */
  folder: string
  /**
   * Make an OCI runtime bundle: the root file system in `rootfs`, and its config beside it; default: false.
   */
  bundle?: boolean | undefined
  /** Unpack into a folder that is not empty, and replace files there; default: FILE_EXISTS. */
  force?: boolean | undefined
}

export interface UnpackResult {
  /** Its name, with its tag where it has one. */
  image: string
  /** Of its manifest. */
  digest: Digest
  /** The folder, as it was given. */
  path: string
  /** Whether it is a bundle. */
  bundle: boolean
  /** How many files, folders, links and devices the image has. */
  entries: number
  /** In bytes, of all files. */
  bytes: number
  /** What this file system or user cannot create, and is therefore not in the folder. */
  notKept: Loss[]
  /** How many entries belong to the user who unpacked them, and not to the owner in the image. */
  ownersNotKept: number
}
