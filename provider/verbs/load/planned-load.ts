import type { CopyPlan, ImageSource } from '../../copy/ports.js'
import type { LoadedImage } from './request.js'

/** What is to be loaded into an engine from the store or from one file. */
export interface PlannedLoad {
  /** Where it is from, for messages. */
  from: string
  source: ImageSource
  plan: CopyPlan
  /** Whole names of the images, without the repository that a request gives in their place. */
  names: string[]
  images(): LoadedImage[]
  /** Called when its turn comes, as the engine may have received what it lacks by then. */
  check?(): Promise<void>
}
