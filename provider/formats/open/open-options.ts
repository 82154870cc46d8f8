import type { ScratchPlace } from '../../io/files/scratch.js'
import type { OnProgress } from '../../io/progress.js'
import type { RootfsOptions } from '../rootfs/source.js'
import type { VolumeSet } from '../volumes/volume-set.js'
import type { WimOptions } from '../wim/source.js'

/** What is known of an image that its file does not say; and where the layer of a WIM can be made. */
export interface OpenOptions extends RootfsOptions, WimOptions {
  /** The volumes of a path that is a set, where they were found before. */
  volumeSet?: VolumeSet
  /** Blobs of a folder may be taken away: it is nobody's but ours. */
  mayTake?: boolean
  /** Where files are put that must lie unpacked while they are read. */
  scratch?: ScratchPlace
  onProgress?: OnProgress
  /** This is what lay in a zip or 7z. */
  isInner?: boolean
}
