import type { CopyPlan, ImageSource } from '../../copy/ports.js'
import type { LoadedImage } from './request.js'

/** What of the store or of one file is to go into an engine. */
export interface PlannedLoad {
  /** Where it is from, as a message tells it. */
  from: string
  source: ImageSource
  plan: CopyPlan
  /** Whole names of the images, without the repository that a request gives in their place. */
  names: string[]
  images(): LoadedImage[]
  /** Asked when its turn comes, as the engine may have got what it lacks until then. */
  check?(): Promise<void>
}
