import type { ScratchPlace } from '../../io/files/scratch.js'
import type { OnProgress } from '../../io/progress.js'
import type { RootfsOptions } from '../rootfs/source.js'
import type { VolumeSet } from '../volumes/volume-set.js'
import type { WimOptions } from '../wim/source.js'

/** What is known about an image beyond what its file says; and where the layer of a WIM can be made. */
export interface OpenOptions extends RootfsOptions, WimOptions {
  /** The volumes of a path that is a set, if they were found earlier. */
  volumeSet?: VolumeSet
  /** Blobs may be moved out of the folder: it belongs to nobody but us. */
  mayTake?: boolean
  /** Where to put files that must be unpacked while they are read. */
  scratch?: ScratchPlace
  onProgress?: OnProgress
  /** This came out of a zip or 7z. */
  isInner?: boolean
}
